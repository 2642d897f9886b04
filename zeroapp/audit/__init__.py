"""Deeper looks at a person's data: statistics on texts and vectors. numpy, scipy, no torch."""
