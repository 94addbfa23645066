from django.db import migrations

CREATE = """
CREATE FUNCTION exceptions_count_opened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO exceptions_casecounter (owner, kind, severity, state, connection_id, number)
    SELECT owner, kind, severity, state, coalesce(connection_id, 0), count(*) FROM after_it GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END $$;
CREATE FUNCTION exceptions_count_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO exceptions_casecounter (owner, kind, severity, state, connection_id, number)
    SELECT owner, kind, severity, state, coalesce(connection_id, 0), -count(*) FROM before_it GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END $$;
CREATE FUNCTION exceptions_count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO exceptions_casecounter (owner, kind, severity, state, connection_id, number)
    SELECT owner, kind, severity, state, connection_id, sum(number) FROM (
        SELECT owner, kind, severity, state, coalesce(connection_id, 0) AS connection_id, 1 AS number FROM after_it
        UNION ALL
        SELECT owner, kind, severity, state, coalesce(connection_id, 0), -1 FROM before_it
    ) AS change GROUP BY 1, 2, 3, 4, 5 HAVING sum(number) <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER count_opened AFTER INSERT ON exceptions_exceptioncase
    REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION exceptions_count_opened();
CREATE TRIGGER count_removed AFTER DELETE ON exceptions_exceptioncase
    REFERENCING OLD TABLE AS before_it FOR EACH STATEMENT EXECUTE FUNCTION exceptions_count_removed();
CREATE TRIGGER count_changed AFTER UPDATE ON exceptions_exceptioncase
    REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION exceptions_count_changed();
"""

UNDO = """
DROP TRIGGER count_opened ON exceptions_exceptioncase;
DROP TRIGGER count_removed ON exceptions_exceptioncase;
DROP TRIGGER count_changed ON exceptions_exceptioncase;
DROP FUNCTION exceptions_count_opened();
DROP FUNCTION exceptions_count_removed();
DROP FUNCTION exceptions_count_changed();
"""


class Migration(migrations.Migration):
    """Counters are exact under concurrency because each statement adds its own rows; nobody waits for anybody.

    Room on the page (fillfactor) lets the columns that every occurrence changes be updated in place.
    """

    dependencies = [("exceptions", "0001_initial")]

    operations = [
        migrations.RunSQL(CREATE, UNDO),
        migrations.RunSQL("ALTER TABLE exceptions_exceptioncase SET (fillfactor = 85)", "ALTER TABLE exceptions_exceptioncase RESET (fillfactor)"),
    ]
