"""Long work: a row says what was asked for and how far it has come, a queue carries its id to the worker, the worker calls the workflow.

The row in the project's database is the truth. Files (uploads, results) and the queue lie in the folder of one worker, its *place*.
"""

from textcoder.jobs.folder import Place, default_folder
from textcoder.jobs.process import WorkerProcess
from textcoder.jobs.worker import Worker

__all__ = ["Place", "Worker", "WorkerProcess", "default_folder"]
