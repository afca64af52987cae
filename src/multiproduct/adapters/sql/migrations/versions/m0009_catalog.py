"""The catalog: products, plans, prices, coupons, meters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from multiproduct.adapters.sql.migrations.granting import grant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_ID = sa.Uuid()
_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_NOT_ENDED = sa.text("valid_until IS NULL")
_GIVEN = {
    "admin": (
        "catalog.coupon.manage",
        "catalog.coupon.read",
        "catalog.own_product.manage",
        "catalog.product.create",
        "catalog.product.delete",
        "catalog.product.publish",
        "catalog.product.read",
        "catalog.product.update",
    ),
    "service_provider": ("catalog.own_product.manage",),
}


def upgrade() -> None:
    """Makes the tables of the catalog, and gives roles what they may do with it."""
    _products()
    _plans()
    _plan_prices()
    _coupons()
    _coupon_redemptions()
    _meters()
    _metered_prices()
    _give_permissions()


def _give_permissions() -> None:
    for role, given in _GIVEN.items():
        grant(role, given)


def _products() -> None:
    op.create_table(
        "products",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("searched", sa.Text(), nullable=False),
        sa.Column("base_minor", sa.BigInteger()),
        sa.Column("base_currency", sa.CHAR(3)),
        sa.Column("configuration_schema", _DOCUMENT, nullable=False),
        sa.Column("trial_days", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("provider_id", _ID),
        sa.Column("published_at", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
        sa.CheckConstraint("(base_minor IS NULL) = (base_currency IS NULL)", name="ck_products_base_price"),
    )
    op.create_index("ix_products_provider_id", "products", ["provider_id", "id"])
    op.create_index("ix_products_status_id", "products", ["status", "id"])
    op.create_index("uq_products_code", "products", ["code"], unique=True)
    op.create_index("uq_products_slug", "products", ["slug"], unique=True)


def _plans() -> None:
    op.create_table(
        "plans",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("product_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("searched", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("cycle_unit", sa.Text(), nullable=False),
        sa.Column("cycle_count", sa.Integer(), nullable=False),
        sa.Column("discount_hundredths", sa.Integer()),
        sa.Column("discount_starts_at", _MOMENT),
        sa.Column("discount_ends_at", _MOMENT),
        sa.Column("features", _DOCUMENT, nullable=False),
        sa.Column("max_users", sa.Integer(), nullable=False),
        sa.Column("storage_gb", sa.Integer(), nullable=False),
        sa.Column("is_popular", sa.Boolean(), nullable=False),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.Column("has_trial", sa.Boolean(), nullable=False),
        sa.Column("trial_days", sa.Integer()),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("archived_at", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_plans_product_id_products"),
        sa.CheckConstraint("cycle_count > 0", name="ck_plans_cycle"),
        sa.CheckConstraint("discount_hundredths BETWEEN 0 AND 10000", name="ck_plans_discount"),
    )
    op.create_index("ix_plans_code", "plans", ["code"])
    op.create_index("ix_plans_product_id_sort_order_id", "plans", ["product_id", "sort_order", "id"])
    op.create_index("ix_plans_sort_order_id", "plans", ["sort_order", "id"])
    op.create_index("uq_plans_product_id_code", "plans", ["product_id", "code"], unique=True)
    op.create_index("uq_plans_slug", "plans", ["slug"], unique=True)


def _plan_prices() -> None:
    op.create_table(
        "plan_prices",
        sa.Column("id", _ID, nullable=False),
        sa.Column("plan_id", _ID, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_until", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_plan_prices"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_prices_plan_id_plans"),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name="ck_plan_prices_validity"
        ),
        sa.CheckConstraint("minor >= 0", name="ck_plan_prices_minor"),
    )
    op.create_index("ix_plan_prices_plan_id_valid_from", "plan_prices", ["plan_id", "valid_from"])
    op.create_index(
        "uq_plan_prices_open",
        "plan_prices",
        ["plan_id", "currency"],
        unique=True,
        sqlite_where=_NOT_ENDED,
        postgresql_where=_NOT_ENDED,
    )


def _coupons() -> None:
    op.create_table(
        "coupons",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("percent_hundredths", sa.Integer()),
        sa.Column("amounts", _DOCUMENT, nullable=False),
        sa.Column("product_ids", _DOCUMENT, nullable=False),
        sa.Column("plan_ids", _DOCUMENT, nullable=False),
        sa.Column("max_redemptions", sa.Integer()),
        sa.Column("max_per_person", sa.Integer()),
        sa.Column("starts_at", _MOMENT),
        sa.Column("ends_at", _MOMENT),
        sa.Column("is_stackable", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("redeemed", sa.Integer(), nullable=False),
        sa.Column("archived_at", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_coupons"),
        sa.CheckConstraint("percent_hundredths BETWEEN 0 AND 10000", name="ck_coupons_percent"),
        sa.CheckConstraint("redeemed >= 0", name="ck_coupons_redeemed"),
    )
    op.create_index("uq_coupons_code", "coupons", ["code"], unique=True)


def _coupon_redemptions() -> None:
    op.create_table(
        "coupon_redemptions",
        sa.Column("coupon_id", _ID, nullable=False),
        sa.Column("subject_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("redeemed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("coupon_id", "subject_id", name="pk_coupon_redemptions"),
        sa.ForeignKeyConstraint(
            ["coupon_id"], ["coupons.id"], name="fk_coupon_redemptions_coupon_id_coupons"
        ),
    )
    op.create_index(
        "ix_coupon_redemptions_coupon_id_person_id", "coupon_redemptions", ["coupon_id", "person_id"]
    )
    op.create_index("ix_coupon_redemptions_subject_id", "coupon_redemptions", ["subject_id"])


def _meters() -> None:
    op.create_table(
        "meters",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("product_id", _ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("aggregation", sa.Text(), nullable=False),
        sa.Column("archived_at", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meters"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_meters_product_id_products"),
    )
    op.create_index("uq_meters_product_id_code", "meters", ["product_id", "code"], unique=True)


def _metered_prices() -> None:
    op.create_table(
        "metered_prices",
        sa.Column("id", _ID, nullable=False),
        sa.Column("plan_id", _ID, nullable=False),
        sa.Column("meter_id", _ID, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("tiers", _DOCUMENT, nullable=False),
        sa.Column("package_size", sa.Integer(), nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_until", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_metered_prices"),
        sa.ForeignKeyConstraint(["meter_id"], ["meters.id"], name="fk_metered_prices_meter_id_meters"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_metered_prices_plan_id_plans"),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name="ck_metered_prices_validity"
        ),
    )
    op.create_index("ix_metered_prices_plan_id_valid_from", "metered_prices", ["plan_id", "valid_from"])
    op.create_index(
        "uq_metered_prices_open",
        "metered_prices",
        ["plan_id", "meter_id", "currency"],
        unique=True,
        sqlite_where=_NOT_ENDED,
        postgresql_where=_NOT_ENDED,
    )
