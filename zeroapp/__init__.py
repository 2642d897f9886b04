"""zeroapp: teach a model your own work on your own computer. This file holds the version alone."""

__version__ = "0.1.0"
