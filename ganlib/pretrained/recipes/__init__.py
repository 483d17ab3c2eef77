"""One file a model, found by its name: ``NAME.py`` holds ``RECIPE``, a `ganlib.pretrained.recipe.Recipe`."""
