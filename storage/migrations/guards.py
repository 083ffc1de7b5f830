"""Triggers by which the database itself refuses to change or remove what stands in the audit trail.

They are no part of the models; every `migrate` sees to it that they are there, also after a table was made anew.
"""

from sqlalchemy import Connection, inspect

from storage.models import AuditRow

REFUSAL = "the audit trail is only ever added to"
_SEALING = frozenset({"place", "seal"})
_KEPT = tuple(column.name for column in AuditRow.__table__.columns if column.name not in _SEALING)
"""What may not even change before an entry is sealed."""


def guard_audit(connection: Connection) -> None:
    """Have the triggers on the audit trail, where there is one."""
    if inspect(connection).has_table(AuditRow.__tablename__):
        for statement in _STATEMENTS[connection.dialect.name]:
            connection.exec_driver_sql(statement)


def _changed(distinct: str) -> str:
    return " OR ".join(["OLD.seal IS NOT NULL", *(f"NEW.{name} {distinct} OLD.{name}" for name in _KEPT)])


_STATEMENTS = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS audit_unchanged",
        f"CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit WHEN {_changed('IS NOT')} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
        "DROP TRIGGER IF EXISTS audit_kept",
        f"CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION refuse_audit() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
        "DROP TRIGGER IF EXISTS audit_unchanged ON audit",
        "CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit FOR EACH ROW "
        f"WHEN ({_changed('IS DISTINCT FROM')}) EXECUTE FUNCTION refuse_audit()",
        "DROP TRIGGER IF EXISTS audit_kept ON audit",
        "CREATE TRIGGER audit_kept BEFORE DELETE OR TRUNCATE ON audit FOR EACH STATEMENT "
        "EXECUTE FUNCTION refuse_audit()",
    ),
}
