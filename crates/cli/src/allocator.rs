//! Has glibc's allocator give large blocks back to the system. The one file of this crate with unsafe code.
//!
//! By itself it raises the size from which a block gets a map of its own to that of the largest that was freed, up to 32 MiB
//! (mallopt(3), `M_MMAP_THRESHOLD`); later blocks lie in heaps, between smaller ones, and are kept when they are freed. A fixed
//! size takes a third off the memory that a scan of a long history holds, and no time: `benches/README.md`.
#![allow(unsafe_code, reason = "there is no other way to tell the allocator; see below")]

/// From this size on a block has a map of its own, in bytes.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: i32 = 1 << 20;

/// To be called once, before anything large is allocated.
pub(crate) fn keep_large_blocks_apart() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: mallopt takes two numbers, no memory of ours, and may be called at any time; what it refuses it leaves
        // as it is.
        unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE) };
    }
}
