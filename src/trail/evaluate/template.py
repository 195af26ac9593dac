"""Pages from templates: whatever is put in is escaped, and a name without a value is an error."""

from __future__ import annotations

import jinja2


def filled(package: str, name: str, **values: object) -> str:
    """Returns the page that a template of a package makes of values; texts are never read as HTML.

    Args:
        package: Package whose folder holds the template.
        name: The template's file name.
        values: What it names.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package, "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name).render(values, zip=zip)
