from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0003_price_and_pending"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="owns_dispatch",
            field=models.BooleanField(
                default=True,
                help_text="One account alone tells a shop what was sent; off where another one does.",
                verbose_name="tells the shop dispatches",
            ),
        ),
        migrations.AddField(
            model_name="connection",
            name="owns_stock",
            field=models.BooleanField(
                default=True, help_text="One account alone writes a shop's stock; off where another one does.", verbose_name="tells the shop stock"
            ),
        ),
        migrations.AddField(
            model_name="connection",
            name="shop",
            field=models.CharField(
                blank=True,
                help_text="The shop this account reaches, for example its domain. Give the same for a direct account and for one through flows.",
                max_length=200,
                verbose_name="shop behind it",
            ),
        ),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("owns_dispatch", True), ("removed_at", None), models.Q(("shop", ""), _negated=True)),
                fields=("shop",),
                name="connection_one_owns_dispatch",
            ),
        ),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("owns_stock", True), ("removed_at", None), models.Q(("shop", ""), _negated=True)),
                fields=("shop",),
                name="connection_one_owns_stock",
            ),
        ),
    ]
