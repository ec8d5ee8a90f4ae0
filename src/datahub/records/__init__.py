"""Records: the unit that is checked, versioned, licensed and passed on; how a push is compared, and the log of versions."""

from datahub.records.bodies import Body
from datahub.records.compare import Comparison, compare
from datahub.records.database import Database, StorageError
from datahub.records.log import Appended, Head, Log
from datahub.records.sql import SqlLog

__all__ = ["Appended", "Body", "Comparison", "Database", "Head", "Log", "SqlLog", "StorageError", "compare"]
