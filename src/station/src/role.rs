//! What a person may be here, and the word for it.

use std::collections::BTreeSet;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// A role of an account. One account may have several, but see [`fit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reviews candidates and identifies leads; concludes nothing.
    Technician,
    /// Concludes, and confirms hits with the specimens.
    Examiner,
    /// Looks blindly at pairs of others.
    Verifier,
    /// Settles what two persons see differently.
    Supervisor,
    /// Traces firearms.
    TraceOfficer,
    /// Another agency.
    Partner,
    /// Reads everything but purchasers, and writes nothing.
    Auditor,
    /// Accounts; no casework.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Technician,
        Self::Examiner,
        Self::Verifier,
        Self::Supervisor,
        Self::TraceOfficer,
        Self::Partner,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The word on the command line and in the people file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Technician => "technician",
            Self::Examiner => "examiner",
            Self::Verifier => "verifier",
            Self::Supervisor => "supervisor",
            Self::TraceOfficer => "trace_officer",
            Self::Partner => "partner",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// What people call it.
    pub fn words(self) -> Message {
        match self {
            Self::Technician => say!("technician"),
            Self::Examiner => say!("examiner"),
            Self::Verifier => say!("verifier"),
            Self::Supervisor => say!("supervisor"),
            Self::TraceOfficer => say!("trace officer"),
            Self::Partner => say!("partner agency"),
            Self::Auditor => say!("auditor"),
            Self::Administrator => say!("administrator"),
        }
    }

    /// Whether an account with this role has no other: who keeps the accounts
    /// opens no casework, who reads everything writes nothing, and another
    /// agency is nobody of this laboratory.
    const fn stands_alone(self) -> bool {
        matches!(self, Self::Administrator | Self::Auditor | Self::Partner)
    }
}

impl std::str::FromStr for Role {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let word = text.trim().replace('-', "_");
        Self::ALL.into_iter().find(|role| role.word() == word).ok_or_else(|| {
            let all = Self::ALL.map(Self::word).join(", ");
            Error::new(Kind::BadInput, say!("there is no role {text:?}"))
                .advise(say!("the roles are {all}"))
        })
    }
}

/// Whether one account may have these roles together.
///
/// # Errors
/// [`Kind::BadInput`] for none, and for two of which one must stand alone.
pub fn fit(roles: &BTreeSet<Role>) -> Result<()> {
    let alone = roles.iter().find(|role| role.stands_alone());
    match (roles.len(), alone) {
        (0, _) => Err(Error::new(Kind::BadInput, say!("an account without a role can do nothing"))
            .advise(say!("give --role, several with commas between"))),
        (2.., Some(role)) => {
            let what = say!("an account with the role {} has no other", role.word());
            Err(Error::new(Kind::BadInput, what)
                .advise(say!("make one account for each, with another login")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn roles_that_must_not_meet_in_one_account_do_not() {
        for role in Role::ALL {
            assert_eq!(role.word().parse::<Role>().unwrap(), role);
            fit(&BTreeSet::from([role])).unwrap();
        }
        fit(&BTreeSet::from([Role::Examiner, Role::Verifier])).unwrap();
        fit(&BTreeSet::from([Role::Examiner, Role::Administrator])).unwrap_err();
        fit(&BTreeSet::from([Role::Auditor, Role::Supervisor])).unwrap_err();
        fit(&BTreeSet::new()).unwrap_err();
        "king".parse::<Role>().unwrap_err();
    }
}
