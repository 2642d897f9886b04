"""Widgets that know no view-model: values and colours in, signals out."""
