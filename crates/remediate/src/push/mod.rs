//! A rewritten history reaches a remote: what changes there, sent with a lease for each ref, and what arrived meanwhile.
//!
//! Nothing here forces: every update names the value it replaces, and the remote refuses it if that is no longer so.

mod advertised;
mod error;
mod leases;

mod plan;
mod replies;

mod arrivals;
mod send;

mod fit;
mod probe;
mod publish;

pub use advertised::{Advertised, Remote, advertised, led_elsewhere, remote_named, remotes};
pub use arrivals::{Arrival, Arrivals, absorb, fetch_arrivals};
pub use error::PushError;
pub use fit::{Fit, fit};
pub(crate) use leases::drop_leases;
pub use plan::{PushPlan, plan_push};
pub use probe::{Answer, Prober};
pub use publish::{MAP_REF, fetch_map, map_id, publish_map};
pub use replies::{Refusal, Rejected};
pub use send::{PushCommand, Sent, finish_push, push_command, send};
