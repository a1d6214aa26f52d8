"""The addresses of the service, a file for each kind of thing. A route parses, calls the workflow and answers."""

from textcoder_api.routes import (
    accounts,
    codebook,
    codings,
    decisions,
    demo,
    figures,
    jobs,
    machine,
    material,
    models,
    projects,
    quotes,
    rounds,
    themes,
    versions,
)

ROUTERS = (
    accounts.router,
    projects.router,
    demo.router,
    material.router,
    codebook.router,
    versions.router,
    codings.router,
    decisions.router,
    machine.router,
    themes.router,
    figures.router,
    quotes.router,
    rounds.router,
    jobs.router,
    models.router,
)

__all__ = ["ROUTERS"]
