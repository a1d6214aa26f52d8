"""The addresses of the service, a file for each kind of thing. A route parses, calls the workflow and answers."""

from textcoder_api.routes import codebook, codings, decisions, figures, machine, material, models, projects, rounds

ROUTERS = (
    projects.router,
    material.router,
    codebook.router,
    codings.router,
    decisions.router,
    machine.router,
    figures.router,
    rounds.router,
    models.router,
)

__all__ = ["ROUTERS"]
