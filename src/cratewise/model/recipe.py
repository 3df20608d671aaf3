"""What decides a fit besides the data and the seed."""

from dataclasses import dataclass, field

from cratewise.model.masking import HidingRates
from cratewise.model.sizes import Widths


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides a fit besides the data and the seed."""

    n_epochs: int = 16
    batch_size: int = 512
    n_specialist_epochs: int = 11
    learning_rate: float = 2e-3
    tag_rate: float = 0.1
    name_rate: float = 4e-3
    weight_decay: float = 0.02
    label_smoothing: float = 0.02
    genre_weight: float = 0.5
    expert_weight: float = 0.2
    average_decay: float = 0.998
    others_share: float = 0.25
    n_style_steps: int = 300
    n_plane_steps: int = 3000
    widths: Widths = field(default_factory=Widths)
    hiding: HidingRates = field(default_factory=HidingRates)
