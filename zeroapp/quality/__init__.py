"""How good a model is, honestly: metrics, intervals, choice and verdict. numpy and scipy only."""
