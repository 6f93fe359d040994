//! Every ref of the repository with what it points to: where a walk of history begins.

use std::collections::{BTreeSet, HashMap, HashSet};

use bstr::{BStr, BString};
use foldhash::fast::FixedState;
use gix_hash::ObjectId;

use super::{
    handle::Repository,
    ref_class::RefClass,
    ref_store::{RefTrouble, RefTroubleKind, RefsError, Resolved, StoredRefs},
};

/// A ref and the object it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// The full name, such as `refs/heads/main`, `HEAD`, `worktrees/NAME/HEAD` or `FETCH_HEAD` (once for every id).
    pub name: BString,
    /// What it leads to, symbolic refs followed: mostly a commit or a tag, and it can be any object.
    pub target: ObjectId,
    /// What it peels to, where `packed-refs` says so: itself, but for a tag.
    pub peeled: Option<ObjectId>,
    /// The ref that a symbolic ref points to.
    pub symbolic: Option<BString>,
    /// What the ref is for.
    pub class: RefClass,
}

impl Repository {
    /// All refs, loose and packed, of all worktrees, with their `HEAD`s and what operations in progress or past left
    /// behind; by name. A ref that leads nowhere is a trouble, and no tip.
    /// An unborn `HEAD` is neither.
    pub fn tips(&self) -> Result<(Vec<Tip>, Vec<RefTrouble>), RefsError> {
        let (mut tips, mut troubles) = self.stored_tips()?;
        self.drop_missing(&mut tips, &mut troubles);
        troubles.sort_by(|a, b| a.name.cmp(&b.name));
        Ok((tips, troubles))
    }

    /// The same without looking whether the objects are there, which takes a look-up for every ref.
    pub fn stored_tips(&self) -> Result<(Vec<Tip>, Vec<RefTrouble>), RefsError> {
        Ok(tips_of(StoredRefs::read(self, &|_, _| true)?))
    }

    /// Those of them that may lead to one of `ends`, and those that are `named`: of tens of thousands of refs of a mirror,
    /// a few. Left out are packed refs that are known to peel to anything else.
    pub fn stored_tips_to(
        &self,
        ends: &HashSet<ObjectId>,
        named: &HashSet<BString>,
    ) -> Result<(Vec<Tip>, Vec<RefTrouble>), RefsError> {
        // Asked for every ref there is, so with a faster hash than that of the caller's sets.
        let ends: HashSet<&[u8], FixedState> = ends.iter().map(ObjectId::as_slice).collect();
        let named: HashSet<&BStr, FixedState> = named.iter().map(AsRef::as_ref).collect();
        let keep = |name: &BStr, peeled: &ObjectId| ends.contains(peeled.as_slice()) || named.contains(name);
        Ok(tips_of(StoredRefs::read(self, &keep)?))
    }

    /// Moves refs to objects that do not exist from the tips to the troubles.
    fn drop_missing(&self, tips: &mut Vec<Tip>, troubles: &mut Vec<RefTrouble>) {
        let reader = self.reader();
        let mut known: HashMap<ObjectId, bool> = HashMap::with_capacity(tips.len());
        tips.retain(|tip| {
            let exists = *known.entry(tip.target).or_insert_with(|| reader.contains(&tip.target));
            if !exists {
                let kind = RefTroubleKind::MissingObject(tip.target);
                troubles.push(RefTrouble { name: tip.name.clone(), kind });
            }
            exists
        });
    }
}

/// Follows symbolic refs to what they lead to.
fn tips_of(mut stored: StoredRefs) -> (Vec<Tip>, Vec<RefTrouble>) {
    let mut troubles = std::mem::take(&mut stored.troubles);
    let mut tips = Vec::with_capacity(stored.refs.len() + stored.listed.len());
    for (name, found) in &stored.refs {
        let symbolic = found.value.symbolic().cloned();
        let kind = match stored.resolve(name.as_ref()) {
            Resolved::Id { id, peeled } => {
                let class = RefClass::of(name.as_ref());
                tips.push(Tip { name: name.clone(), target: id, peeled, symbolic, class });
                continue;
            }
            // Unborn, or pointing to a ref that is in the list of troubles already.
            Resolved::Nothing(target) if name.ends_with(b"HEAD") && target.starts_with(b"refs/heads/") => {
                continue;
            }
            Resolved::Nothing(target) => RefTroubleKind::DanglingSymbolic(target),
            Resolved::Loop => RefTroubleKind::SymbolicLoop,
        };
        troubles.push(RefTrouble { name: name.clone(), kind });
    }
    let listed: BTreeSet<_> = stored.listed.into_iter().collect();
    tips.extend(listed.into_iter().map(|(name, target)| {
        let class = RefClass::of(name.as_ref());
        Tip { name, target, peeled: None, symbolic: None, class }
    }));
    tips.sort_by(|a, b| (&a.name, a.target).cmp(&(&b.name, b.target)));
    (tips, troubles)
}
