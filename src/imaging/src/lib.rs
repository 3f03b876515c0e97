//! From a file to a comparison: pure functions without a store, a clock or a
//! word to the terminal.
//!
//! ```text
//! file ─acquire→ Scan ─prepare→ PreparedMark ─extract→ Template
//!      Template + gallery ─search→ candidates ─correlate→ Comparison
//! ```

pub mod acquire;
pub mod correlate;
pub mod extract;
pub mod prepare;
pub mod search;
