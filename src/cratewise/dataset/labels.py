"""The 114 genre labels of the Spotify Tracks Dataset, in the order in which everything counts them."""

LABELS: tuple[str, ...] = tuple(
    """
    acoustic afrobeat alt-rock alternative ambient anime black-metal bluegrass blues brazil breakbeat
    british cantopop chicago-house children chill classical club comedy country dance dancehall death-metal
    deep-house detroit-techno disco disney drum-and-bass dub dubstep edm electro electronic emo folk forro
    french funk garage german gospel goth grindcore groove grunge guitar happy hard-rock hardcore hardstyle
    heavy-metal hip-hop honky-tonk house idm indian indie indie-pop industrial iranian j-dance j-idol j-pop
    j-rock jazz k-pop kids latin latino malay mandopop metal metalcore minimal-techno mpb new-age opera
    pagode party piano pop pop-film power-pop progressive-house psych-rock punk punk-rock r-n-b reggae
    reggaeton rock rock-n-roll rockabilly romance sad salsa samba sertanejo show-tunes singer-songwriter ska
    sleep songwriter soul spanish study swedish synth-pop tango techno trance trip-hop turkish world-music
    """.split()  # noqa: SIM905  # a list literal would take 114 lines
)
