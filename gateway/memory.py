"""Memory that large bodies took goes back to the system at once.

glibc takes the first large block that is freed for a sign that many will follow, and from then on cuts such blocks out
of its heaps, where small ones that live longer keep them from being returned: after 200 messages of 20 MB each, the
gateway stayed at 950 MB instead of 390. https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE = 1 << 20  # bytes from which a block is mapped, and unmapped when it is freed
_SPARE = 64 << 20  # bytes at the heap's end that are kept: to give them back and to ask for them again takes time


def return_large_blocks() -> None:
    """Fix the size from which blocks are mapped; does nothing where the C library is another one."""
    try:
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_M_TRIM_THRESHOLD, _SPARE)
    except (AttributeError, OSError):
        return
