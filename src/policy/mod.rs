//! Policy bundles: features, decoding, sampling, log-probabilities.
