"""The first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_11_23_01'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('answer_sums',
    sa.Column('asked_on', sa.Date(), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('entry_id', sa.String(length=64), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('asked_on', 'channel', 'kind', 'entry_id', name=op.f('pk_answer_sums'))
    )
    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('place', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seal', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.create_table('branches',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('demo', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_branches'))
    )
    op.create_table('calendar_years',
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('days', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('imported_by', sa.String(length=64), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_calendar_years'))
    )
    op.create_table('channel_state',
    sa.Column('scope', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=160), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('holder', sa.String(length=64), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('scope', 'key', name=op.f('pk_channel_state'))
    )
    op.create_table('chat_day_counts',
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('clients', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('on', name=op.f('pk_chat_day_counts'))
    )
    op.create_table('holding_days',
    sa.Column('on', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('on', name=op.f('pk_holding_days'))
    )
    op.create_table('instruments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('asset_class', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_instruments')),
    sa.UniqueConstraint('code', name=op.f('uq_instruments_code'))
    )
    op.create_table('job_runs',
    sa.Column('job', sa.String(length=64), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('detail', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('job', 'due_at', name=op.f('pk_job_runs'))
    )
    with op.batch_alter_table('job_runs', schema=None) as batch_op:
        batch_op.create_index('ix_job_runs_job_state', ['job', 'state'], unique=False)

    op.create_table('permits',
    sa.Column('lane', sa.String(length=160), nullable=False),
    sa.Column('next_at', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('lane', name=op.f('pk_permits'))
    )
    op.create_table('products',
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('risk', sa.String(length=32), nullable=False),
    sa.Column('rated_on', sa.Date(), nullable=False),
    sa.Column('offered', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_products'))
    )
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_products_risk'), ['risk'], unique=False)

    op.create_table('questionnaires',
    sa.Column('version', sa.String(length=32), nullable=False),
    sa.Column('content', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('imported_by', sa.String(length=64), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_from', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_questionnaires'))
    )
    with op.batch_alter_table('questionnaires', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_questionnaires_used_from'), ['used_from'], unique=False)

    op.create_table('rankers',
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_rankers'))
    )
    op.create_table('sign_in_tries',
    sa.Column('key', sa.LargeBinary(length=16), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_sign_in_tries'))
    )
    with op.batch_alter_table('sign_in_tries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_tries_at'), ['at'], unique=False)

    op.create_table('staff',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=64), nullable=False),
    sa.Column('licence', sa.String(length=32), nullable=False),
    sa.Column('roles', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('password_hash', sa.String(length=160), nullable=False),
    sa.Column('wecom_member', sa.String(length=64), nullable=False),
    sa.Column('must_change', sa.Boolean(), nullable=False),
    sa.Column('fictional', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('number', name=op.f('uq_staff_number'))
    )
    op.create_table('tallies',
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('last_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_tallies'))
    )
    op.create_table('ticket_numbers',
    sa.Column('series', sa.String(length=16), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('series', name=op.f('pk_ticket_numbers'))
    )
    op.create_table('vectors',
    sa.Column('model', sa.String(length=200), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('model', 'digest', name=op.f('pk_vectors'))
    )
    op.create_table('versions',
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_versions'))
    )
    op.create_table('clients',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('name_key', sa.LargeBinary(length=16), nullable=False),
    sa.Column('prefix_key', sa.LargeBinary(length=16), nullable=False),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('phone_key', sa.LargeBinary(length=16), nullable=True),
    sa.Column('identity_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('identity_key', sa.LargeBinary(length=16), nullable=True),
    sa.Column('email_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('email_key', sa.LargeBinary(length=16), nullable=True),
    sa.Column('fund_account_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('fund_account_key', sa.LargeBinary(length=16), nullable=True),
    sa.Column('salutation_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('gender', sa.String(length=32), nullable=False),
    sa.Column('locale', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('style', sa.String(length=32), nullable=True),
    sa.Column('prefers', sa.String(length=64), nullable=True),
    sa.Column('asset_band', sa.String(length=32), nullable=False),
    sa.Column('risk_level', sa.String(length=32), nullable=True),
    sa.Column('risk_valid_until', sa.Date(), nullable=True),
    sa.Column('manager_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('adviser_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('personal_service', sa.Boolean(), nullable=True),
    sa.Column('birth_month', sa.Integer(), nullable=True),
    sa.Column('birth_day', sa.Integer(), nullable=True),
    sa.Column('birth_year', sa.Integer(), nullable=True),
    sa.Column('birth_lunar', sa.Boolean(), nullable=False),
    sa.Column('birth_leap', sa.Boolean(), nullable=False),
    sa.Column('opened_on', sa.Date(), nullable=True),
    sa.Column('occupation', sa.String(length=64), nullable=True),
    sa.Column('region', sa.String(length=64), nullable=True),
    sa.Column('branch', sa.String(length=64), nullable=True),
    sa.Column('opted_out_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('preferred_channel', sa.String(length=16), nullable=True),
    sa.Column('quiet_from', sa.Time(), nullable=True),
    sa.Column('quiet_to', sa.Time(), nullable=True),
    sa.Column('fictional', sa.Boolean(), nullable=False),
    sa.Column('gone', sa.String(length=32), nullable=True),
    sa.Column('merged_into', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['adviser_id'], ['staff.id'], name=op.f('fk_clients_adviser_id')),
    sa.ForeignKeyConstraint(['manager_id'], ['staff.id'], name=op.f('fk_clients_manager_id')),
    sa.ForeignKeyConstraint(['merged_into'], ['clients.id'], name=op.f('fk_clients_merged_into')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clients')),
    sa.UniqueConstraint('number', name=op.f('uq_clients_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_clients_public_id'))
    )
    with op.batch_alter_table('clients', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clients_adviser_id'), ['adviser_id'], unique=False)
        batch_op.create_index('ix_clients_birthday', ['birth_lunar', 'birth_month', 'birth_day'], unique=False)
        batch_op.create_index(batch_op.f('ix_clients_email_key'), ['email_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_clients_fund_account_key'), ['fund_account_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_clients_identity_key'), ['identity_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_clients_manager_id'), ['manager_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_clients_merged_into'), ['merged_into'], unique=False)
        batch_op.create_index(batch_op.f('ix_clients_name_key'), ['name_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_clients_phone_key'), ['phone_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_clients_prefix_key'), ['prefix_key'], unique=False)
        batch_op.create_index('ix_clients_standing', ['id', 'asset_band', 'risk_level', 'risk_valid_until', 'state', 'gone'], unique=False)

    op.create_table('drafts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('place', sa.String(length=96), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_drafts_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drafts')),
    sa.UniqueConstraint('staff_id', 'place', name=op.f('uq_drafts_staff_id_place'))
    )
    op.create_table('form_keys',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('result', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_form_keys_staff_id')),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_form_keys'))
    )
    with op.batch_alter_table('form_keys', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_form_keys_at'), ['at'], unique=False)

    op.create_table('import_mappings',
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('columns', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_import_mappings_staff_id')),
    sa.PrimaryKeyConstraint('kind', 'name', name=op.f('pk_import_mappings'))
    )
    op.create_table('imports',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('new', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.Column('rejected', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_imports_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports'))
    )
    with op.batch_alter_table('imports', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_imports_digest'), ['digest'], unique=False)

    op.create_table('integrations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('token_key', sa.LargeBinary(length=16), nullable=False),
    sa.Column('scopes', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('per_minute', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['staff.id'], name=op.f('fk_integrations_created_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_integrations')),
    sa.UniqueConstraint('name', name=op.f('uq_integrations_name')),
    sa.UniqueConstraint('token_key', name=op.f('uq_integrations_token_key'))
    )
    op.create_table('knowledge_editions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry_id', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('category', sa.String(length=32), nullable=False),
    sa.Column('content', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('date_check', sa.Boolean(), nullable=False),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('writers', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('reviewer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('approver_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['approver_id'], ['staff.id'], name=op.f('fk_knowledge_editions_approver_id')),
    sa.ForeignKeyConstraint(['author_id'], ['staff.id'], name=op.f('fk_knowledge_editions_author_id')),
    sa.ForeignKeyConstraint(['reviewer_id'], ['staff.id'], name=op.f('fk_knowledge_editions_reviewer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_editions')),
    sa.UniqueConstraint('entry_id', 'version', name=op.f('uq_knowledge_editions_entry_id_version'))
    )
    with op.batch_alter_table('knowledge_editions', schema=None) as batch_op:
        batch_op.create_index('uq_knowledge_editions_open', ['entry_id'], unique=True, sqlite_where=sa.text("state IN ('draft', 'reviewed')"), postgresql_where=sa.text("state IN ('draft', 'reviewed')"))
        batch_op.create_index('uq_knowledge_editions_published', ['entry_id'], unique=True, sqlite_where=sa.text("state = 'published'"), postgresql_where=sa.text("state = 'published'"))

    op.create_table('knowledge_publications',
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('changes', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('before', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('after', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('worse', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('thresholds', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_knowledge_publications_staff_id')),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_knowledge_publications'))
    )
    op.create_table('knowledge_regressions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('question', sa.String(length=300), nullable=False),
    sa.Column('expected', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_knowledge_regressions_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_regressions')),
    sa.UniqueConstraint('question', name=op.f('uq_knowledge_regressions_question'))
    )
    op.create_table('second_factors',
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('secret_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_step', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_second_factors_staff_id')),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_second_factors'))
    )
    op.create_table('segments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('condition', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('packaged', sa.Boolean(), nullable=False),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['staff.id'], name=op.f('fk_segments_author_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_segments')),
    sa.UniqueConstraint('name', name=op.f('uq_segments_name')),
    sqlite_autoincrement=True
    )
    op.create_table('staff_absences',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_absences_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_absences'))
    )
    with op.batch_alter_table('staff_absences', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_absences_staff_id'), ['staff_id'], unique=False)

    op.create_table('staff_recovery',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code_key', sa.LargeBinary(length=16), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_recovery_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_recovery'))
    )
    with op.batch_alter_table('staff_recovery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_recovery_staff_id'), ['staff_id'], unique=False)

    op.create_table('staff_sessions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('word_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('csrf', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('second_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_sessions_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_sessions')),
    sa.UniqueConstraint('word_hash', name=op.f('uq_staff_sessions_word_hash'))
    )
    with op.batch_alter_table('staff_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_sessions_staff_id'), ['staff_id'], unique=False)

    op.create_table('teams',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('head_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['head_id'], ['staff.id'], name=op.f('fk_teams_head_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_teams')),
    sa.UniqueConstraint('name', name=op.f('uq_teams_name'))
    )
    with op.batch_alter_table('teams', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_teams_head_id'), ['head_id'], unique=False)

    op.create_table('api_answers',
    sa.Column('integration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('body_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['integration_id'], ['integrations.id'], name=op.f('fk_api_answers_integration_id')),
    sa.PrimaryKeyConstraint('integration_id', 'key', name=op.f('pk_api_answers'))
    )
    with op.batch_alter_table('api_answers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_api_answers_at'), ['at'], unique=False)

    op.create_table('assessments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('answered_by', sa.String(length=32), nullable=False),
    sa.Column('answers_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('checks', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('records', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('level', sa.String(length=32), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('settled_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('scored_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_assessments_client_id')),
    sa.ForeignKeyConstraint(['settled_by'], ['staff.id'], name=op.f('fk_assessments_settled_by')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_assessments_staff_id')),
    sa.ForeignKeyConstraint(['version'], ['questionnaires.version'], name=op.f('fk_assessments_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessments'))
    )
    with op.batch_alter_table('assessments', schema=None) as batch_op:
        batch_op.create_index('ix_assessments_client_id_id', ['client_id', 'id'], unique=False)

    op.create_table('audit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('action', sa.String(length=48), nullable=False),
    sa.Column('object', sa.String(length=64), nullable=False),
    sa.Column('detail', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('personal', sa.LargeBinary(), nullable=True),
    sa.Column('place', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('seal', sa.LargeBinary(length=32), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_audit_client_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_audit_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit')),
    sa.UniqueConstraint('place', name=op.f('uq_audit_place'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index('ix_audit_at_id', ['at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_object'), ['object'], unique=False)
        batch_op.create_index('ix_audit_unsealed', ['id'], unique=False, sqlite_where=sa.text('seal IS NULL'), postgresql_where=sa.text('seal IS NULL'))

    op.create_table('balances',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('cash_fen', sa.BigInteger(), nullable=False),
    sa.Column('margin_ratio', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_balances_client_id')),
    sa.PrimaryKeyConstraint('client_id', 'on', name=op.f('pk_balances'))
    )
    op.create_table('chat_accounts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=32), nullable=False),
    sa.Column('address', sa.String(length=128), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('locale', sa.String(length=32), nullable=True),
    sa.Column('followed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('gone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_inbound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('window_used', sa.Integer(), nullable=False),
    sa.Column('acted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('action_used', sa.Integer(), nullable=False),
    sa.Column('group_month', sa.String(length=7), nullable=True),
    sa.Column('group_used', sa.Integer(), nullable=False),
    sa.Column('bind_tries', sa.Integer(), nullable=False),
    sa.Column('bind_locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('bound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_chat_accounts_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_accounts')),
    sa.UniqueConstraint('channel', 'account', 'address', name=op.f('uq_chat_accounts_channel_account_address'))
    )
    with op.batch_alter_table('chat_accounts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_chat_accounts_client_id'), ['client_id'], unique=False)

    op.create_table('chat_days',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_chat_days_client_id')),
    sa.PrimaryKeyConstraint('client_id', 'on', name=op.f('pk_chat_days'))
    )
    with op.batch_alter_table('chat_days', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_chat_days_on'), ['on'], unique=False)

    op.create_table('client_assignments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('duty', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('begun_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['begun_by'], ['staff.id'], name=op.f('fk_client_assignments_begun_by')),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_assignments_client_id')),
    sa.ForeignKeyConstraint(['ended_by'], ['staff.id'], name=op.f('fk_client_assignments_ended_by')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_client_assignments_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client_assignments'))
    )
    with op.batch_alter_table('client_assignments', schema=None) as batch_op:
        batch_op.create_index('ix_client_assignments_client_id_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_client_assignments_open', ['client_id', 'duty'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('client_changes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('field', sa.String(length=24), nullable=False),
    sa.Column('before_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('after_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_changes_client_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_client_changes_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client_changes'))
    )
    with op.batch_alter_table('client_changes', schema=None) as batch_op:
        batch_op.create_index('ix_client_changes_client_id_at_id', ['client_id', 'at', 'id'], unique=False)

    op.create_table('client_classes',
    sa.Column('asset_class', sa.String(length=32), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('value_fen', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_classes_client_id')),
    sa.PrimaryKeyConstraint('asset_class', 'client_id', name=op.f('pk_client_classes'))
    )
    op.create_table('client_days',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('securities_fen', sa.BigInteger(), nullable=False),
    sa.Column('cash_fen', sa.BigInteger(), nullable=False),
    sa.Column('assets_fen', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_days_client_id')),
    sa.PrimaryKeyConstraint('client_id', 'on', name=op.f('pk_client_days'))
    )
    op.create_table('client_figures',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('assets_fen', sa.BigInteger(), nullable=False),
    sa.Column('cash_fen', sa.BigInteger(), nullable=False),
    sa.Column('mean_fen', sa.BigInteger(), nullable=False),
    sa.Column('concentration', sa.BigInteger(), nullable=True),
    sa.Column('drawdown', sa.BigInteger(), nullable=True),
    sa.Column('turnover', sa.BigInteger(), nullable=True),
    sa.Column('margin_ratio', sa.BigInteger(), nullable=True),
    sa.Column('reckoned_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_figures_client_id')),
    sa.PrimaryKeyConstraint('client_id', name=op.f('pk_client_figures'))
    )
    op.create_table('client_interests',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('interest', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_interests_client_id')),
    sa.PrimaryKeyConstraint('client_id', 'interest', name=op.f('pk_client_interests'))
    )
    with op.batch_alter_table('client_interests', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_client_interests_interest'), ['interest'], unique=False)

    op.create_table('client_keys',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('destroyed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_keys_client_id')),
    sa.PrimaryKeyConstraint('client_id', name=op.f('pk_client_keys'))
    )
    op.create_table('client_links',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('other_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_links_client_id')),
    sa.ForeignKeyConstraint(['other_id'], ['clients.id'], name=op.f('fk_client_links_other_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_client_links_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client_links')),
    sa.UniqueConstraint('client_id', 'kind', 'other_id', name=op.f('uq_client_links_client_id_kind_other_id'))
    )
    with op.batch_alter_table('client_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_client_links_other_id'), ['other_id'], unique=False)

    op.create_table('client_notes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('text_sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_notes_client_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_client_notes_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client_notes'))
    )
    with op.batch_alter_table('client_notes', schema=None) as batch_op:
        batch_op.create_index('ix_client_notes_client_id_at_id', ['client_id', 'at', 'id'], unique=False)

    op.create_table('client_plans',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('plan', sa.String(length=32), nullable=False),
    sa.Column('weekly', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_plans_client_id')),
    sa.PrimaryKeyConstraint('client_id', name=op.f('pk_client_plans'))
    )
    op.create_table('client_requests',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('into_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('asked_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('next_on', sa.Date(), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['asked_by'], ['staff.id'], name=op.f('fk_client_requests_asked_by')),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_requests_client_id')),
    sa.ForeignKeyConstraint(['into_id'], ['clients.id'], name=op.f('fk_client_requests_into_id')),
    sa.ForeignKeyConstraint(['settled_by'], ['staff.id'], name=op.f('fk_client_requests_settled_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client_requests'))
    )
    with op.batch_alter_table('client_requests', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_client_requests_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_client_requests_next_on'), ['next_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_client_requests_state'), ['state'], unique=False)

    op.create_table('client_tags',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tag', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_tags_client_id')),
    sa.PrimaryKeyConstraint('client_id', 'tag', name=op.f('pk_client_tags'))
    )
    with op.batch_alter_table('client_tags', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_client_tags_tag'), ['tag'], unique=False)

    op.create_table('consents',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('purpose', sa.String(length=32), nullable=False),
    sa.Column('granted', sa.Boolean(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('version', sa.String(length=32), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_consents_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents'))
    )
    with op.batch_alter_table('consents', schema=None) as batch_op:
        batch_op.create_index('ix_consents_client_id_purpose', ['client_id', 'purpose'], unique=False)

    op.create_table('figures_due',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_figures_due_client_id')),
    sa.PrimaryKeyConstraint('client_id', name=op.f('pk_figures_due'))
    )
    op.create_table('holding_client_days',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_holding_client_days_client_id')),
    sa.PrimaryKeyConstraint('client_id', 'on', name=op.f('pk_holding_client_days'))
    )
    op.create_table('holdings',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('instrument_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('cost_fen', sa.BigInteger(), nullable=True),
    sa.Column('price', sa.BigInteger(), nullable=True),
    sa.Column('value_fen', sa.BigInteger(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_holdings_client_id')),
    sa.ForeignKeyConstraint(['instrument_id'], ['instruments.id'], name=op.f('fk_holdings_instrument_id')),
    sa.PrimaryKeyConstraint('client_id', 'on', 'instrument_id', name=op.f('pk_holdings'))
    )
    with op.batch_alter_table('holdings', schema=None) as batch_op:
        batch_op.create_index('ix_holdings_current', ['instrument_id', 'client_id'], unique=False, sqlite_where=sa.text('current = 1'), postgresql_where=sa.text('current'))

    op.create_table('import_files',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('about_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('key', sa.String(length=32), nullable=True),
    sa.Column('rejected_key', sa.String(length=32), nullable=True),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('columns', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('extent', sa.String(length=32), nullable=True),
    sa.Column('missing', sa.Integer(), nullable=False),
    sa.Column('done', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('faults', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('refusal', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('import_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('held_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_import_files_import_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_import_files_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_files')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('import_files', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_files_import_id'), ['import_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_import_files_state'), ['state'], unique=False)

    op.create_table('legal_holds',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('set_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lifted_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifted_for', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_legal_holds_client_id')),
    sa.ForeignKeyConstraint(['lifted_by'], ['staff.id'], name=op.f('fk_legal_holds_lifted_by')),
    sa.ForeignKeyConstraint(['set_by'], ['staff.id'], name=op.f('fk_legal_holds_set_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_holds'))
    )
    with op.batch_alter_table('legal_holds', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_legal_holds_client_id'), ['client_id'], unique=False)

    op.create_table('lesson_completions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('lesson', sa.String(length=32), nullable=False),
    sa.Column('version', sa.String(length=32), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('questions', sa.Integer(), nullable=False),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_lesson_completions_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lesson_completions')),
    sa.UniqueConstraint('client_id', 'lesson', name=op.f('uq_lesson_completions_client_id_lesson'))
    )
    op.create_table('segment_counts',
    sa.Column('segment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('counted_on', sa.Date(), nullable=False),
    sa.Column('members', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['segment_id'], ['segments.id'], name=op.f('fk_segment_counts_segment_id')),
    sa.PrimaryKeyConstraint('segment_id', 'counted_on', name=op.f('pk_segment_counts'))
    )
    op.create_table('segment_members',
    sa.Column('segment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_segment_members_client_id')),
    sa.ForeignKeyConstraint(['segment_id'], ['segments.id'], name=op.f('fk_segment_members_segment_id')),
    sa.PrimaryKeyConstraint('segment_id', 'client_id', name=op.f('pk_segment_members'))
    )
    with op.batch_alter_table('segment_members', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_segment_members_client_id'), ['client_id'], unique=False)

    op.create_table('segment_versions',
    sa.Column('segment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('condition', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('members', sa.Integer(), nullable=True),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['staff.id'], name=op.f('fk_segment_versions_author_id')),
    sa.ForeignKeyConstraint(['segment_id'], ['segments.id'], name=op.f('fk_segment_versions_segment_id')),
    sa.PrimaryKeyConstraint('segment_id', 'version', name=op.f('pk_segment_versions'))
    )
    op.create_table('team_members',
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('team_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_team_members_staff_id')),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_team_members_team_id')),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_team_members'))
    )
    with op.batch_alter_table('team_members', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_team_members_team_id'), ['team_id'], unique=False)

    op.create_table('trades',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('reference', sa.String(length=64), nullable=False),
    sa.Column('instrument_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('side', sa.String(length=32), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('price', sa.BigInteger(), nullable=True),
    sa.Column('value_fen', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_trades_client_id')),
    sa.ForeignKeyConstraint(['instrument_id'], ['instruments.id'], name=op.f('fk_trades_instrument_id')),
    sa.PrimaryKeyConstraint('client_id', 'on', 'reference', name=op.f('pk_trades'))
    )
    op.create_table('bind_codes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code_key', sa.LargeBinary(length=16), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('issued_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('consents', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('failed_tries', sa.Integer(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_bind_codes_client_id')),
    sa.ForeignKeyConstraint(['issued_by'], ['staff.id'], name=op.f('fk_bind_codes_issued_by')),
    sa.ForeignKeyConstraint(['used_by'], ['chat_accounts.id'], name=op.f('fk_bind_codes_used_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bind_codes')),
    sa.UniqueConstraint('code_key', name=op.f('uq_bind_codes_code_key'))
    )
    with op.batch_alter_table('bind_codes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_bind_codes_client_id'), ['client_id'], unique=False)

    op.create_table('conversations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('owner', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('locale', sa.String(length=32), nullable=False),
    sa.Column('options', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('options_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('topic', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('topic_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('topic_turns', sa.Integer(), nullable=False),
    sa.Column('dialog', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('lease_holder', sa.String(length=64), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reserved_for_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reserved_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('waiting_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_inbound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['chat_accounts.id'], name=op.f('fk_conversations_account_id')),
    sa.ForeignKeyConstraint(['reserved_for_id'], ['staff.id'], name=op.f('fk_conversations_reserved_for_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_conversations_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversations')),
    sa.UniqueConstraint('account_id', name=op.f('uq_conversations_account_id'))
    )
    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_conversations_last_inbound_at'), ['last_inbound_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_conversations_owner'), ['owner'], unique=False)
        batch_op.create_index('ix_conversations_reserved', ['reserved_until'], unique=False, sqlite_where=sa.text('reserved_until IS NOT NULL'), postgresql_where=sa.text('reserved_until IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_conversations_staff_id'), ['staff_id'], unique=False)

    op.create_table('notice_consents',
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('form', sa.String(length=64), nullable=False),
    sa.Column('left', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['chat_accounts.id'], name=op.f('fk_notice_consents_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'form', name=op.f('pk_notice_consents'))
    )
    op.create_table('inbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=32), nullable=False),
    sa.Column('platform_id', sa.String(length=160), nullable=False),
    sa.Column('replay_key', sa.String(length=160), nullable=True),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('payload', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('route', sa.String(length=16), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('handled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_inbox_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox')),
    sa.UniqueConstraint('channel', 'account', 'platform_id', name=op.f('uq_inbox_channel_account_platform_id')),
    sa.UniqueConstraint('channel', 'account', 'replay_key', name=op.f('uq_inbox_channel_account_replay_key'))
    )
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.create_index('ix_inbox_conversation_id_id', ['conversation_id', 'id'], unique=False)
        batch_op.create_index('ix_inbox_open', ['conversation_id', 'id'], unique=False, sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'"))

    op.create_table('misses',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('locale', sa.String(length=32), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('nearest', sa.String(length=64), nullable=True),
    sa.Column('score', sa.Float(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settlement', sa.String(length=32), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('entry_id', sa.String(length=64), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_misses_conversation_id')),
    sa.ForeignKeyConstraint(['settled_by'], ['staff.id'], name=op.f('fk_misses_settled_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_misses'))
    )
    with op.batch_alter_table('misses', schema=None) as batch_op:
        batch_op.create_index('ix_misses_open', ['at'], unique=False, sqlite_where=sa.text('settled_at IS NULL'), postgresql_where=sa.text('settled_at IS NULL'))
        batch_op.create_index('ix_misses_settled', ['settled_at'], unique=False)

    op.create_table('tickets',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('level', sa.String(length=32), nullable=False),
    sa.Column('category', sa.String(length=8), nullable=True),
    sa.Column('source', sa.String(length=32), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('details', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('first_owner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('assignee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('contact_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decide_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolve_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('next_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('contacted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['assignee_id'], ['staff.id'], name=op.f('fk_tickets_assignee_id')),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_tickets_client_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_tickets_conversation_id')),
    sa.ForeignKeyConstraint(['first_owner_id'], ['staff.id'], name=op.f('fk_tickets_first_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tickets')),
    sa.UniqueConstraint('number', name=op.f('uq_tickets_number'))
    )
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tickets_assignee_id'), ['assignee_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_tickets_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_tickets_conversation_id'), ['conversation_id'], unique=False)
        batch_op.create_index('ix_tickets_state_next_due_at', ['state', 'next_due_at'], unique=False)

    op.create_table('votes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry_id', sa.String(length=64), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('helpful', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_votes_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_votes')),
    sa.UniqueConstraint('conversation_id', 'entry_id', name=op.f('uq_votes_conversation_id_entry_id'))
    )
    with op.batch_alter_table('votes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_votes_at'), ['at'], unique=False)

    op.create_table('intakes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('step', sa.String(length=32), nullable=False),
    sa.Column('answers', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deadline_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_intakes_client_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_intakes_conversation_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_intakes_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_intakes'))
    )
    with op.batch_alter_table('intakes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_intakes_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_intakes_conversation_id'), ['conversation_id'], unique=False)
        batch_op.create_index('ix_intakes_state_deadline_at', ['state', 'deadline_at'], unique=False)

    op.create_table('media',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('inbox_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=True),
    sa.Column('key', sa.String(length=64), nullable=True),
    sa.Column('type', sa.String(length=64), nullable=True),
    sa.Column('size', sa.Integer(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('wanted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['inbox_id'], ['inbox.id'], name=op.f('fk_media_inbox_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_media')),
    sa.UniqueConstraint('inbox_id', name=op.f('uq_media_inbox_id')),
    sa.UniqueConstraint('key', name=op.f('uq_media_key'))
    )
    with op.batch_alter_table('media', schema=None) as batch_op:
        batch_op.create_index('ix_media_wanted', ['next_at'], unique=False, sqlite_where=sa.text("state = 'wanted'"), postgresql_where=sa.text("state = 'wanted'"))

    op.create_table('broadcasts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('purpose', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('body', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('condition', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('segment', sa.String(length=80), nullable=True),
    sa.Column('material', sa.String(length=64), nullable=True),
    sa.Column('product_risk', sa.String(length=32), nullable=True),
    sa.Column('topic', sa.String(length=32), nullable=True),
    sa.Column('media_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('author_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('approver_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('audience', sa.Integer(), nullable=True),
    sa.Column('audience_hash', sa.String(length=64), nullable=True),
    sa.Column('frozen_to', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('send_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('latest_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['approver_id'], ['staff.id'], name=op.f('fk_broadcasts_approver_id')),
    sa.ForeignKeyConstraint(['author_id'], ['staff.id'], name=op.f('fk_broadcasts_author_id')),
    sa.ForeignKeyConstraint(['media_id'], ['media.id'], name=op.f('fk_broadcasts_media_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_broadcasts'))
    )
    with op.batch_alter_table('broadcasts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_broadcasts_segment'), ['segment'], unique=False)

    op.create_table('deliveries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=160), nullable=False),
    sa.Column('purpose', sa.String(length=32), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('rule', sa.String(length=64), nullable=True),
    sa.Column('decision', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('conversation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('inbox_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('carried_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('broadcast_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('chunk', sa.Integer(), nullable=True),
    sa.Column('channel', sa.String(length=16), nullable=True),
    sa.Column('account', sa.String(length=32), nullable=True),
    sa.Column('address', sa.String(length=128), nullable=True),
    sa.Column('text_key', sa.String(length=64), nullable=False),
    sa.Column('parameters', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('personal', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('options', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('media_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('notice', sa.String(length=64), nullable=True),
    sa.Column('locale', sa.String(length=32), nullable=True),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('material', sa.String(length=64), nullable=True),
    sa.Column('product_risk', sa.String(length=32), nullable=True),
    sa.Column('topic', sa.String(length=32), nullable=True),
    sa.Column('answer_kind', sa.String(length=32), nullable=True),
    sa.Column('entry_id', sa.String(length=64), nullable=True),
    sa.Column('essential', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('claimed_by', sa.String(length=64), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('doubted', sa.Boolean(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('platform_message_id', sa.String(length=128), nullable=True),
    sa.Column('error', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['chat_accounts.id'], name=op.f('fk_deliveries_account_id')),
    sa.ForeignKeyConstraint(['broadcast_id'], ['broadcasts.id'], name=op.f('fk_deliveries_broadcast_id')),
    sa.ForeignKeyConstraint(['carried_by'], ['inbox.id'], name=op.f('fk_deliveries_carried_by')),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_deliveries_client_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_deliveries_conversation_id')),
    sa.ForeignKeyConstraint(['inbox_id'], ['inbox.id'], name=op.f('fk_deliveries_inbox_id')),
    sa.ForeignKeyConstraint(['media_id'], ['media.id'], name=op.f('fk_deliveries_media_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_deliveries_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries')),
    sa.UniqueConstraint('key', name=op.f('uq_deliveries_key'))
    )
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.create_index('ix_deliveries_broadcast_id_chunk_state', ['broadcast_id', 'chunk', 'state'], unique=False, sqlite_where=sa.text('broadcast_id IS NOT NULL'), postgresql_where=sa.text('broadcast_id IS NOT NULL'))
        batch_op.create_index('ix_deliveries_carried_by', ['carried_by'], unique=False, sqlite_where=sa.text('carried_by IS NOT NULL'), postgresql_where=sa.text('carried_by IS NOT NULL'))
        batch_op.create_index('ix_deliveries_client_id_created_at', ['client_id', 'created_at'], unique=False)
        batch_op.create_index('ix_deliveries_conversation_id_id', ['conversation_id', 'id'], unique=False, sqlite_where=sa.text('conversation_id IS NOT NULL'), postgresql_where=sa.text('conversation_id IS NOT NULL'))
        batch_op.create_index('ix_deliveries_conversation_open', ['conversation_id', 'id'], unique=False, sqlite_where=sa.text("state IN ('pending', 'sending')"), postgresql_where=sa.text("state IN ('pending', 'sending')"))
        batch_op.create_index('ix_deliveries_due', ['channel', 'account', 'priority', 'not_before', 'id'], unique=False, sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))
        batch_op.create_index('ix_deliveries_expires_at', ['expires_at'], unique=False, sqlite_where=sa.text("state = 'pending' AND expires_at IS NOT NULL"), postgresql_where=sa.text("state = 'pending' AND expires_at IS NOT NULL"))
        batch_op.create_index('ix_deliveries_inbox_id', ['inbox_id'], unique=False, sqlite_where=sa.text('inbox_id IS NOT NULL'), postgresql_where=sa.text('inbox_id IS NOT NULL'))
        batch_op.create_index('ix_deliveries_media_id', ['media_id'], unique=False, sqlite_where=sa.text('media_id IS NOT NULL'), postgresql_where=sa.text('media_id IS NOT NULL'))
        batch_op.create_index('ix_deliveries_open', ['state', 'claimed_at'], unique=False, sqlite_where=sa.text("state IN ('sending', 'uncertain', 'awaiting_staff')"), postgresql_where=sa.text("state IN ('sending', 'uncertain', 'awaiting_staff')"))
        batch_op.create_index('ix_deliveries_platform_message_id', ['platform_message_id'], unique=False, sqlite_where=sa.text('platform_message_id IS NOT NULL'), postgresql_where=sa.text('platform_message_id IS NOT NULL'))

    op.create_table('delivery_tries',
    sa.Column('delivery_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=32), nullable=False),
    sa.Column('address', sa.String(length=128), nullable=False),
    sa.Column('rule', sa.String(length=64), nullable=False),
    sa.Column('error', sa.String(length=200), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('decision', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['chat_accounts.id'], name=op.f('fk_delivery_tries_account_id')),
    sa.ForeignKeyConstraint(['delivery_id'], ['deliveries.id'], name=op.f('fk_delivery_tries_delivery_id')),
    sa.PrimaryKeyConstraint('delivery_id', 'number', name=op.f('pk_delivery_tries'))
    )
    op.create_table('ticket_entries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('inbox_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('delivery_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['delivery_id'], ['deliveries.id'], name=op.f('fk_ticket_entries_delivery_id')),
    sa.ForeignKeyConstraint(['inbox_id'], ['inbox.id'], name=op.f('fk_ticket_entries_inbox_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_ticket_entries_staff_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_entries_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_entries'))
    )
    with op.batch_alter_table('ticket_entries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_entries_ticket_id'), ['ticket_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('ticket_entries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_entries_ticket_id'))

    op.drop_table('ticket_entries')
    op.drop_table('delivery_tries')
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.drop_index('ix_deliveries_platform_message_id', sqlite_where=sa.text('platform_message_id IS NOT NULL'), postgresql_where=sa.text('platform_message_id IS NOT NULL'))
        batch_op.drop_index('ix_deliveries_open', sqlite_where=sa.text("state IN ('sending', 'uncertain', 'awaiting_staff')"), postgresql_where=sa.text("state IN ('sending', 'uncertain', 'awaiting_staff')"))
        batch_op.drop_index('ix_deliveries_media_id', sqlite_where=sa.text('media_id IS NOT NULL'), postgresql_where=sa.text('media_id IS NOT NULL'))
        batch_op.drop_index('ix_deliveries_inbox_id', sqlite_where=sa.text('inbox_id IS NOT NULL'), postgresql_where=sa.text('inbox_id IS NOT NULL'))
        batch_op.drop_index('ix_deliveries_expires_at', sqlite_where=sa.text("state = 'pending' AND expires_at IS NOT NULL"), postgresql_where=sa.text("state = 'pending' AND expires_at IS NOT NULL"))
        batch_op.drop_index('ix_deliveries_due', sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))
        batch_op.drop_index('ix_deliveries_conversation_open', sqlite_where=sa.text("state IN ('pending', 'sending')"), postgresql_where=sa.text("state IN ('pending', 'sending')"))
        batch_op.drop_index('ix_deliveries_conversation_id_id', sqlite_where=sa.text('conversation_id IS NOT NULL'), postgresql_where=sa.text('conversation_id IS NOT NULL'))
        batch_op.drop_index('ix_deliveries_client_id_created_at')
        batch_op.drop_index('ix_deliveries_carried_by', sqlite_where=sa.text('carried_by IS NOT NULL'), postgresql_where=sa.text('carried_by IS NOT NULL'))
        batch_op.drop_index('ix_deliveries_broadcast_id_chunk_state', sqlite_where=sa.text('broadcast_id IS NOT NULL'), postgresql_where=sa.text('broadcast_id IS NOT NULL'))

    op.drop_table('deliveries')
    with op.batch_alter_table('broadcasts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_broadcasts_segment'))

    op.drop_table('broadcasts')
    with op.batch_alter_table('media', schema=None) as batch_op:
        batch_op.drop_index('ix_media_wanted', sqlite_where=sa.text("state = 'wanted'"), postgresql_where=sa.text("state = 'wanted'"))

    op.drop_table('media')
    with op.batch_alter_table('intakes', schema=None) as batch_op:
        batch_op.drop_index('ix_intakes_state_deadline_at')
        batch_op.drop_index(batch_op.f('ix_intakes_conversation_id'))
        batch_op.drop_index(batch_op.f('ix_intakes_client_id'))

    op.drop_table('intakes')
    with op.batch_alter_table('votes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_votes_at'))

    op.drop_table('votes')
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_index('ix_tickets_state_next_due_at')
        batch_op.drop_index(batch_op.f('ix_tickets_conversation_id'))
        batch_op.drop_index(batch_op.f('ix_tickets_client_id'))
        batch_op.drop_index(batch_op.f('ix_tickets_assignee_id'))

    op.drop_table('tickets')
    with op.batch_alter_table('misses', schema=None) as batch_op:
        batch_op.drop_index('ix_misses_settled')
        batch_op.drop_index('ix_misses_open', sqlite_where=sa.text('settled_at IS NULL'), postgresql_where=sa.text('settled_at IS NULL'))

    op.drop_table('misses')
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.drop_index('ix_inbox_open', sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'"))
        batch_op.drop_index('ix_inbox_conversation_id_id')

    op.drop_table('inbox')
    op.drop_table('notice_consents')
    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_conversations_staff_id'))
        batch_op.drop_index('ix_conversations_reserved', sqlite_where=sa.text('reserved_until IS NOT NULL'), postgresql_where=sa.text('reserved_until IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_conversations_owner'))
        batch_op.drop_index(batch_op.f('ix_conversations_last_inbound_at'))

    op.drop_table('conversations')
    with op.batch_alter_table('bind_codes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_bind_codes_client_id'))

    op.drop_table('bind_codes')
    op.drop_table('trades')
    with op.batch_alter_table('team_members', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_team_members_team_id'))

    op.drop_table('team_members')
    op.drop_table('segment_versions')
    with op.batch_alter_table('segment_members', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_segment_members_client_id'))

    op.drop_table('segment_members')
    op.drop_table('segment_counts')
    op.drop_table('lesson_completions')
    with op.batch_alter_table('legal_holds', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_legal_holds_client_id'))

    op.drop_table('legal_holds')
    with op.batch_alter_table('import_files', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_import_files_state'))
        batch_op.drop_index(batch_op.f('ix_import_files_import_id'))

    op.drop_table('import_files')
    with op.batch_alter_table('holdings', schema=None) as batch_op:
        batch_op.drop_index('ix_holdings_current', sqlite_where=sa.text('current = 1'), postgresql_where=sa.text('current'))

    op.drop_table('holdings')
    op.drop_table('holding_client_days')
    op.drop_table('figures_due')
    with op.batch_alter_table('consents', schema=None) as batch_op:
        batch_op.drop_index('ix_consents_client_id_purpose')

    op.drop_table('consents')
    with op.batch_alter_table('client_tags', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_client_tags_tag'))

    op.drop_table('client_tags')
    with op.batch_alter_table('client_requests', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_client_requests_state'))
        batch_op.drop_index(batch_op.f('ix_client_requests_next_on'))
        batch_op.drop_index(batch_op.f('ix_client_requests_client_id'))

    op.drop_table('client_requests')
    op.drop_table('client_plans')
    with op.batch_alter_table('client_notes', schema=None) as batch_op:
        batch_op.drop_index('ix_client_notes_client_id_at_id')

    op.drop_table('client_notes')
    with op.batch_alter_table('client_links', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_client_links_other_id'))

    op.drop_table('client_links')
    op.drop_table('client_keys')
    with op.batch_alter_table('client_interests', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_client_interests_interest'))

    op.drop_table('client_interests')
    op.drop_table('client_figures')
    op.drop_table('client_days')
    op.drop_table('client_classes')
    with op.batch_alter_table('client_changes', schema=None) as batch_op:
        batch_op.drop_index('ix_client_changes_client_id_at_id')

    op.drop_table('client_changes')
    with op.batch_alter_table('client_assignments', schema=None) as batch_op:
        batch_op.drop_index('ix_client_assignments_open', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index('ix_client_assignments_client_id_id')

    op.drop_table('client_assignments')
    with op.batch_alter_table('chat_days', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_chat_days_on'))

    op.drop_table('chat_days')
    with op.batch_alter_table('chat_accounts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_chat_accounts_client_id'))

    op.drop_table('chat_accounts')
    op.drop_table('balances')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_unsealed', sqlite_where=sa.text('seal IS NULL'), postgresql_where=sa.text('seal IS NULL'))
        batch_op.drop_index(batch_op.f('ix_audit_object'))
        batch_op.drop_index(batch_op.f('ix_audit_client_id'))
        batch_op.drop_index('ix_audit_at_id')

    op.drop_table('audit')
    with op.batch_alter_table('assessments', schema=None) as batch_op:
        batch_op.drop_index('ix_assessments_client_id_id')

    op.drop_table('assessments')
    with op.batch_alter_table('api_answers', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_api_answers_at'))

    op.drop_table('api_answers')
    with op.batch_alter_table('teams', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_teams_head_id'))

    op.drop_table('teams')
    with op.batch_alter_table('staff_sessions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_sessions_staff_id'))

    op.drop_table('staff_sessions')
    with op.batch_alter_table('staff_recovery', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_recovery_staff_id'))

    op.drop_table('staff_recovery')
    with op.batch_alter_table('staff_absences', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_absences_staff_id'))

    op.drop_table('staff_absences')
    op.drop_table('segments')
    op.drop_table('second_factors')
    op.drop_table('knowledge_regressions')
    op.drop_table('knowledge_publications')
    with op.batch_alter_table('knowledge_editions', schema=None) as batch_op:
        batch_op.drop_index('uq_knowledge_editions_published', sqlite_where=sa.text("state = 'published'"), postgresql_where=sa.text("state = 'published'"))
        batch_op.drop_index('uq_knowledge_editions_open', sqlite_where=sa.text("state IN ('draft', 'reviewed')"), postgresql_where=sa.text("state IN ('draft', 'reviewed')"))

    op.drop_table('knowledge_editions')
    op.drop_table('integrations')
    with op.batch_alter_table('imports', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_imports_digest'))

    op.drop_table('imports')
    op.drop_table('import_mappings')
    with op.batch_alter_table('form_keys', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_form_keys_at'))

    op.drop_table('form_keys')
    op.drop_table('drafts')
    with op.batch_alter_table('clients', schema=None) as batch_op:
        batch_op.drop_index('ix_clients_standing')
        batch_op.drop_index(batch_op.f('ix_clients_prefix_key'))
        batch_op.drop_index(batch_op.f('ix_clients_phone_key'))
        batch_op.drop_index(batch_op.f('ix_clients_name_key'))
        batch_op.drop_index(batch_op.f('ix_clients_merged_into'))
        batch_op.drop_index(batch_op.f('ix_clients_manager_id'))
        batch_op.drop_index(batch_op.f('ix_clients_identity_key'))
        batch_op.drop_index(batch_op.f('ix_clients_fund_account_key'))
        batch_op.drop_index(batch_op.f('ix_clients_email_key'))
        batch_op.drop_index('ix_clients_birthday')
        batch_op.drop_index(batch_op.f('ix_clients_adviser_id'))

    op.drop_table('clients')
    op.drop_table('versions')
    op.drop_table('vectors')
    op.drop_table('ticket_numbers')
    op.drop_table('tallies')
    op.drop_table('staff')
    with op.batch_alter_table('sign_in_tries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_tries_at'))

    op.drop_table('sign_in_tries')
    op.drop_table('rankers')
    with op.batch_alter_table('questionnaires', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_questionnaires_used_from'))

    op.drop_table('questionnaires')
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_products_risk'))

    op.drop_table('products')
    op.drop_table('permits')
    with op.batch_alter_table('job_runs', schema=None) as batch_op:
        batch_op.drop_index('ix_job_runs_job_state')

    op.drop_table('job_runs')
    op.drop_table('instruments')
    op.drop_table('holding_days')
    op.drop_table('chat_day_counts')
    op.drop_table('channel_state')
    op.drop_table('calendar_years')
    op.drop_table('branches')
    op.drop_table('audit_head')
    op.drop_table('answer_sums')
