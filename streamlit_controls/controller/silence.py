"""Why no manager answers: it is silent, on its way, or gone while what it ran runs on."""

from streamlit_controls.client import ManagerHidden, ManagerLost, ManagerSilent
from streamlit_controls.controller.family import Family
from streamlit_controls.controller.output import processes
from streamlit_controls.core.errors import ControllerError, ManagerNotRunning
from streamlit_controls.project import Project


class Unmanaged(ControllerError):
    """Processes of the project run that no manager looks after."""

    code = "unmanaged"


def explained(error: ManagerNotRunning, project: Project, family: Family) -> ControllerError:
    """Return an error that says what there is of a project whose manager could not be asked."""
    if isinstance(error, ManagerLost | ManagerHidden):
        return error
    if family.is_abandoned:
        number = len(family.children)
        run = "runs" if number == 1 else "run"
        return Unmanaged(
            f"{processes(number)} of this project {run} on without a manager",
            "./streamlit_controller start takes them over without losing a session"
            if family.known
            else f"nothing in {project.shown(project.state_file)} tells of them: "
            "./streamlit_controller start ends them and begins anew",
        )
    if family.manager is not None:
        return _silent(error, project, family.manager, kept=family.keeper is not None)
    if family.keeper is not None:
        return ManagerNotRunning(
            "the manager is not there; its keeper starts another",
            "try again in a moment; ./streamlit_controller logs controller has the reason",
        )
    return error


def _silent(
    error: ManagerNotRunning, project: Project, manager: int, *, kept: bool
) -> ManagerNotRunning:
    """Return the error about a manager that is there; `kept` tells whether its keeper is, too."""
    for file in (project.address_file, project.token_file):
        if not file.exists():
            return ManagerNotRunning(
                f"the manager, pid {manager}, runs, but {project.shown(file)} is missing",
                "it writes it anew within seconds; if not, delete "
                f"{project.shown(project.address_file)}: then it does",
            )
    if kept or not isinstance(error, ManagerSilent):
        hint = "its keeper replaces it within a minute, and nobody notices; then try again"
    else:
        hint = (
            f"kill -9 {manager} ends it; then ./streamlit_controller start takes over what it ran"
        )
    return ManagerNotRunning(f"the manager, pid {manager}, does not answer", hint)
