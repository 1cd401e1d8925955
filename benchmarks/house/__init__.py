"""Put first on PYTHONPATH, this folder makes `alpr worker` and `alpr ticker` run the benchmarks' processes."""
