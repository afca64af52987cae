"""The times in which a subscription's plans were held, by which what was used in them is priced."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")

_TRIAL = "UPDATE subscriptions SET usage_spans = {} WHERE period_number = 1 AND trial_end IS NOT NULL"
_TRIALS = {
    "postgresql": _TRIAL.format(
        "jsonb_build_array(jsonb_build_object('until', trial_end, 'plan_id', NULL, 'number', 0))"
    ),
    "sqlite": _TRIAL.format(
        "json_array(json_object("
        "'until', strftime('%Y-%m-%dT%H:%M:%S+00:00', trial_end / 1000000, 'unixepoch'), "
        "'plan_id', NULL, 'number', 0))"
    ),
}


def upgrade() -> None:
    """Adds the column. Of what was before nothing is known but trials: those that are in their first period
    have usage of it in no invoice yet, which is free. What else there is belongs to the present plan."""
    op.add_column("subscriptions", sa.Column("usage_spans", _DOCUMENT))
    op.execute(_TRIALS[op.get_bind().dialect.name])
