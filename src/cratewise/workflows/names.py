"""What genres are called: by the taxonomy, and by the person who renamed them."""

from cratewise.workflows.services import Services


def taxonomy_names(app: Services) -> dict[str, str]:
    """Display names of all families and styles as the taxonomy has them, by slug, in its order."""
    families = {family.slug: family.name for family in app.taxonomy.families}
    return families | {style.slug: style.name for style in app.taxonomy.styles}


def genre_names(app: Services) -> dict[str, str]:
    """Display names of all families and styles as the person calls them, by slug, in the taxonomy's order."""
    names = taxonomy_names(app)
    account = app.library.accounts.latest()
    changes = app.library.corrections.genre_changes(account.account_id) if account else {}
    return names | {one.genre: one.name for one in changes.values() if one.name and one.genre in names}


def genre_choices(app: Services) -> dict[str, dict[str, str]]:
    """The genres that a song can be said to be of: of each family its own name and those of its styles, by slug."""
    names, shown = genre_names(app), shown_genres(app)
    choices = {}
    for family in app.taxonomy.families:
        slugs = [family.slug, *(style.slug for style in family.styles)]
        if of_family := {slug: names[slug] for slug in slugs if slug in shown}:
            choices[names[family.slug]] = of_family
    return choices


def shown_genres(app: Services) -> frozenset[str]:
    """The genres that can have songs: neither hidden nor a part of another."""
    account = app.library.accounts.latest()
    changes = app.library.corrections.genre_changes(account.account_id) if account else {}
    gone = {one.genre for one in changes.values() if one.is_hidden or one.counts_as}
    families = app.taxonomy.families
    styles = {style.slug for family in families for style in family.styles if family.slug not in gone}
    return frozenset({family.slug for family in families} | styles) - gone
