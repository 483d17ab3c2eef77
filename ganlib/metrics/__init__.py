"""How good are the samples? Counts for toy mixtures, distances and overlaps in any feature space for pictures.

A feature space is whatever you give: ``features`` are numbers of shape (n, d), of pixels, of a classifier's last hidden
layer (`ganlib.networks.classifier`), or of `InceptionFeatures`. Numbers are comparable only within one feature space
and one number of samples. Everything is computed in float64 on the CPU.
"""

from ganlib.metrics.coverage import ClassCoverage, ModeCoverage, class_coverage, mode_coverage
from ganlib.metrics.features import by_batches
from ganlib.metrics.frechet import Gaussian, Moments, frechet_distance
from ganlib.metrics.inception import InceptionFeatures
from ganlib.metrics.kernel import kernel_distance
from ganlib.metrics.memory import Memorisation, memorisation
from ganlib.metrics.overlap import Overlap, precision_recall_density_coverage
from ganlib.metrics.path_length import PathLength, path_length
from ganlib.metrics.two_samples import TwoSampleTest, matched_distance, two_sample_test

__all__ = ["ClassCoverage", "Gaussian", "InceptionFeatures", "Memorisation", "ModeCoverage", "Moments", "Overlap",
           "PathLength", "TwoSampleTest", "by_batches", "class_coverage", "frechet_distance", "kernel_distance",
           "matched_distance", "memorisation", "mode_coverage", "path_length", "precision_recall_density_coverage",
           "two_sample_test"]
