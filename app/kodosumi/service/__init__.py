"""Aliases of 1.x, for services written for it; new code uses `kodosumi.core`."""
