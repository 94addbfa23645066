"""The database itself refuses to change what was signed: closes, closed figures, booked entries and write-offs."""

from __future__ import annotations

from django.db import migrations

REFUSE = """
CREATE FUNCTION finance_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'finance: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER finance_close_kept BEFORE UPDATE ON reconciliation_periodclose FOR EACH ROW
  WHEN (OLD.reopened_at IS NOT NULL
     OR (OLD.period_id, OLD.content, OLD.sha256, OLD.prepared_by_id, OLD.prepared_at, OLD.reviewed_by_id, OLD.closed_at)
     IS DISTINCT FROM (NEW.period_id, NEW.content, NEW.sha256, NEW.prepared_by_id, NEW.prepared_at, NEW.reviewed_by_id, NEW.closed_at))
  EXECUTE FUNCTION finance_refuse();
CREATE TRIGGER finance_close_stays BEFORE DELETE ON reconciliation_periodclose FOR EACH ROW EXECUTE FUNCTION finance_refuse();
CREATE TRIGGER finance_write_off_kept BEFORE UPDATE OR DELETE ON reconciliation_writeoff FOR EACH ROW EXECUTE FUNCTION finance_refuse();
CREATE TRIGGER finance_entry_kept BEFORE UPDATE ON reconciliation_entry FOR EACH ROW
  WHEN ((OLD.connection_id, OLD.source, OLD.source_id, OLD.turn, OLD.kind, OLD.amount, OLD.currency, OLD.at)
     IS DISTINCT FROM (NEW.connection_id, NEW.source, NEW.source_id, NEW.turn, NEW.kind, NEW.amount, NEW.currency, NEW.at)
     OR (OLD.month_id IS NOT NULL AND NEW.month_id IS DISTINCT FROM OLD.month_id)
     OR (OLD.interval_id IS NOT NULL AND NEW.interval_id IS DISTINCT FROM OLD.interval_id)
     OR (OLD.settled_id IS NOT NULL AND NEW.settled_id IS DISTINCT FROM OLD.settled_id))
  EXECUTE FUNCTION finance_refuse();
CREATE TRIGGER finance_entry_stays BEFORE DELETE ON reconciliation_entry FOR EACH ROW EXECUTE FUNCTION finance_refuse();
CREATE TRIGGER finance_period_kept BEFORE UPDATE ON reconciliation_period FOR EACH ROW
  WHEN (OLD.state = 'closed' AND NEW.state = 'closed' AND (OLD.starts_at, OLD.ends_at, OLD.opening, OLD.ending, OLD.entries, OLD.late)
     IS DISTINCT FROM (NEW.starts_at, NEW.ends_at, NEW.opening, NEW.ending, NEW.entries, NEW.late))
  EXECUTE FUNCTION finance_refuse();
CREATE FUNCTION finance_figure_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM reconciliation_period AS p WHERE p.state = 'closed'
     AND p.id = CASE WHEN TG_OP = 'INSERT' THEN NEW.period_id ELSE OLD.period_id END)
  THEN RAISE EXCEPTION 'finance: the period is closed, its figures stay' USING ERRCODE = 'check_violation'; END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER finance_figure_kept BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_figure FOR EACH ROW
  EXECUTE FUNCTION finance_figure_kept();
CREATE FUNCTION finance_entry_booked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM reconciliation_period AS p WHERE p.state = 'closed' AND (p.id IN (SELECT month_id FROM fresh)
     OR p.id IN (SELECT interval_id FROM fresh) OR p.id IN (SELECT settled_id FROM fresh)))
  THEN RAISE EXCEPTION 'finance: nothing is booked into a closed period' USING ERRCODE = 'check_violation'; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER finance_entry_booked AFTER INSERT ON reconciliation_entry REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION finance_entry_booked();
"""
UNDO = """
DROP TRIGGER finance_entry_booked ON reconciliation_entry; DROP FUNCTION finance_entry_booked();
DROP TRIGGER finance_figure_kept ON reconciliation_figure; DROP FUNCTION finance_figure_kept();
DROP TRIGGER finance_period_kept ON reconciliation_period;
DROP TRIGGER finance_entry_stays ON reconciliation_entry; DROP TRIGGER finance_entry_kept ON reconciliation_entry;
DROP TRIGGER finance_write_off_kept ON reconciliation_writeoff;
DROP TRIGGER finance_close_stays ON reconciliation_periodclose; DROP TRIGGER finance_close_kept ON reconciliation_periodclose;
DROP FUNCTION finance_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0002_finance")]
    operations = [migrations.RunSQL(REFUSE, UNDO)]
