//! Room for the benchmarks; the first come with the analytics.
