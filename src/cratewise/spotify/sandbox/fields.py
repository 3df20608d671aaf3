"""The `fields` parameter: `name,items(added_at,item(!album)),owner.id` picks what an answer holds."""

from typing import Any

Selection = dict[str, "Selection"]  # an empty one takes everything below; names that start with "!" are left out


def selected(answer: dict[str, Any], fields: str | None) -> dict[str, Any]:
    """The part of an answer that `fields` asks for; all of it where nothing is asked for."""
    if not fields:
        return answer
    picked = _pick(answer, _parsed(fields))
    return picked if isinstance(picked, dict) else answer


def _parsed(fields: str) -> Selection:
    """Reads the parameter leniently: brackets that are never closed end with the text."""
    root: Selection = {}
    open_levels = [root]
    level, name = root, ""
    for character in f"{fields},":
        if character in ",.()":
            if name.strip():
                level = level.setdefault(name.strip(), {})
            name = ""
            if character == "(":
                open_levels.append(level)
            elif character == ")" and len(open_levels) > 1:
                open_levels.pop()
                level = open_levels[-1]
            elif character == ",":
                level = open_levels[-1]
        else:
            name += character
    return root


def _pick(value: Any, selection: Selection) -> Any:
    if isinstance(value, list):
        return [_pick(item, selection) for item in value]
    if not isinstance(value, dict) or not selection:
        return value
    left_out = {name[1:] for name in selection if name.startswith("!")}
    wanted = {name: below for name, below in selection.items() if not name.startswith("!")}
    if not wanted:
        return {name: item for name, item in value.items() if name not in left_out}
    return {name: _pick(item, wanted[name]) for name, item in value.items() if name in wanted}
