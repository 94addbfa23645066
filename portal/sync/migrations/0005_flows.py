import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0003_price_and_pending"),
        ("sync", "0004_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="Flow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=120)),
                ("name", models.CharField(max_length=200)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("orders_in", "orders in"),
                            ("despatch_out", "dispatches out"),
                            ("stock_out", "stock out"),
                            ("returns_in", "returns in"),
                            ("other", "not said"),
                        ],
                        default="other",
                        max_length=20,
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("deployed", models.BooleanField(default=True)),
                ("vendor_state", models.CharField(blank=True, max_length=40)),
                ("expect_every_min", models.PositiveIntegerField(default=0)),
                ("max_duration_min", models.PositiveIntegerField(default=0)),
                ("named", models.BooleanField(default=False)),
                ("link", models.CharField(blank=True, max_length=500)),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("connection", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="flows", to="connections.connection")),
            ],
        ),
        migrations.CreateModel(
            name="FlowRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("started", "started"),
                            ("succeeded", "succeeded"),
                            ("failed", "failed"),
                            ("stopped", "stopped"),
                            ("partial", "partial"),
                            ("unknown", "unknown"),
                        ],
                        max_length=12,
                    ),
                ),
                ("trigger", models.CharField(blank=True, max_length=40)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("summary", models.CharField(blank=True, max_length=1000)),
                ("has_warnings", models.BooleanField(default=False)),
                ("retries", models.CharField(blank=True, max_length=120)),
                ("link", models.CharField(blank=True, max_length=500)),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("connection", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="flow_runs", to="connections.connection")),
                ("flow", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="runs", to="sync.flow")),
            ],
        ),
        migrations.AddConstraint(
            model_name="flow",
            constraint=models.UniqueConstraint(fields=("connection", "reference"), name="flow_once"),
        ),
        migrations.AddIndex(
            model_name="flowrun",
            index=models.Index(fields=["flow", "-started_at"], name="flow_run_newest"),
        ),
        migrations.AddIndex(
            model_name="flowrun",
            index=models.Index(condition=models.Q(("retries", ""), _negated=True), fields=["connection", "retries"], name="flow_run_retries"),
        ),
        migrations.AddConstraint(
            model_name="flowrun",
            constraint=models.UniqueConstraint(fields=("connection", "reference"), name="flow_run_once"),
        ),
    ]
