//! Messages as they are kept: their English text, which anyone can read, with
//! the code and the arguments beside it.

use super::{Argument, Message};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A message as JSON has it: an object of `text` (English), `code` (the phrase
/// with `{}` for its holes) and `arguments` (each a text or such an object). A
/// plain string is a text without a phrase, such as older versions wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Coded {
    /// Words without a phrase.
    Text(String),
    /// A phrase and what fills it.
    Phrase {
        /// The message in English.
        text: String,
        /// The phrase, `{}` where something is filled in.
        code: String,
        /// What is filled in, in order.
        #[serde(default)]
        arguments: Vec<Self>,
    },
}

/// Deeper nesting than any message of this program has.
const DEEPEST: usize = 16;

impl From<&Message> for Coded {
    fn from(message: &Message) -> Self {
        if let Some(text) = message.as_foreign() {
            return Self::Text(text.into());
        }
        let argument = |a: &Argument| match a {
            Argument::Text(text) => Self::Text(text.clone()),
            Argument::Message(message) => Self::from(message),
        };
        Self::Phrase {
            text: message.to_string(),
            code: message.code().into(),
            arguments: message.arguments().iter().map(argument).collect(),
        }
    }
}

impl Coded {
    /// The message; one whose text its code and arguments do not give, or that
    /// is nested beyond reason, is its text alone.
    pub fn message(self) -> Message {
        match self.within(DEEPEST) {
            Argument::Text(text) => Message::foreign(text),
            Argument::Message(message) => message,
        }
    }

    fn within(self, depth: usize) -> Argument {
        match self {
            Self::Text(text) => Argument::Text(text),
            Self::Phrase { text, .. } if depth == 0 => Argument::Text(text),
            Self::Phrase { text, code, arguments } => {
                let arguments = arguments.into_iter().map(|a| a.within(depth - 1)).collect();
                let message = Message::with(code.into(), arguments);
                match message.to_string() == text {
                    true => Argument::Message(message),
                    false => Argument::Text(text),
                }
            }
        }
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Coded::from(self).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Coded::deserialize(from)?.message())
    }
}

/// What a message, or several, are where a format promises plain texts: those,
/// and the codes in a field of their own beside them. See [`crate::coded!`].
pub trait KeptMessage: Sized {
    /// English texts.
    type Texts;
    /// What stands beside them.
    type Codes;
    /// The texts.
    fn texts(&self) -> Self::Texts;
    /// The codes.
    fn codes(&self) -> Self::Codes;
    /// The messages; without codes the texts are words without a phrase.
    fn of(texts: Self::Texts, codes: Self::Codes) -> Self;
}

impl KeptMessage for Message {
    type Texts = String;
    type Codes = Option<Coded>;
    fn texts(&self) -> String {
        self.to_string()
    }
    fn codes(&self) -> Option<Coded> {
        Some(self.into())
    }
    fn of(text: String, code: Option<Coded>) -> Self {
        code.unwrap_or(Coded::Text(text)).message()
    }
}

impl KeptMessage for Option<Message> {
    type Texts = Option<String>;
    type Codes = Option<Coded>;
    fn texts(&self) -> Option<String> {
        self.as_ref().map(ToString::to_string)
    }
    fn codes(&self) -> Option<Coded> {
        self.as_ref().map(Into::into)
    }
    fn of(text: Option<String>, code: Option<Coded>) -> Self {
        text.map(|text| Message::of(text, code))
    }
}

impl KeptMessage for Vec<Message> {
    type Texts = Vec<String>;
    type Codes = Vec<Coded>;
    fn texts(&self) -> Vec<String> {
        self.iter().map(ToString::to_string).collect()
    }
    fn codes(&self) -> Vec<Coded> {
        self.iter().map(Into::into).collect()
    }
    fn of(texts: Vec<String>, codes: Vec<Coded>) -> Self {
        let mut codes = codes.into_iter();
        texts.into_iter().map(|text| Message::of(text, codes.next())).collect()
    }
}

/// A module by which serde keeps a field of messages as two: English texts under
/// the field's own name, as formats promise them, and the codes beside them:
///
/// ```
/// # extern crate brasslink_types as types;
/// types::coded!(mod remarks: Vec<Message> as remarks and coded_remarks);
///
/// #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
/// struct Seen {
///     #[serde(flatten, with = "remarks")]
///     #[schemars(with = "remarks::Both")]
///     remarks: Vec<types::message::Message>,
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! coded {
    (mod $name:ident: $of:ty as $texts:ident and $codes:ident) => {
        mod $name {
            use $crate::message::{KeptMessage, Message};

            /// The texts, and what they are made of.
            #[derive(
                serde::Serialize, serde::Deserialize, $crate::message::schemars::JsonSchema,
            )]
            #[schemars(crate = "types::message::schemars")]
            pub struct Both {
                /// In English.
                $texts: <$of as KeptMessage>::Texts,
                /// As phrases with what fills them; see the texts.
                #[serde(default)]
                $codes: <$of as KeptMessage>::Codes,
            }

            pub fn serialize<S: serde::Serializer>(said: &$of, to: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(
                    &Both { $texts: said.texts(), $codes: said.codes() },
                    to,
                )
            }

            #[allow(dead_code, reason = "some are only written")]
            pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<$of, D::Error> {
                let both: Both = serde::Deserialize::deserialize(from)?;
                Ok(KeptMessage::of(both.$texts, both.$codes))
            }
        }
    };
}

/// A message as its English text alone, for `#[serde(with = "…")]` where a format
/// has room for no more.
pub mod text {
    use super::super::Message;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes the text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(message: &Message, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(message)
    }

    /// Reads a text as words without a phrase.
    ///
    /// # Errors
    /// Those of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Message, D::Error> {
        String::deserialize(from).map(Message::foreign)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::say;
    use super::*;

    fn again(message: &Message) -> Message {
        serde_json::from_str(&serde_json::to_string(message).unwrap()).unwrap()
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let said = say!("{}: {} cells", say!("gaps"), 3);
        assert_eq!(again(&said), said);
        let json = serde_json::to_value(&said).unwrap();
        assert_eq!(json["text"], "gaps: 3 cells");
        assert_eq!(json["arguments"][0]["code"], "gaps");
        let foreign = Message::foreign("disk full");
        assert_eq!(serde_json::to_string(&foreign).unwrap(), "\"disk full\"");
        assert_eq!(again(&foreign), foreign);
    }

    #[test]
    fn a_code_that_does_not_give_the_text_is_not_believed() {
        let kept = r#"{"text":"good","code":"bad {}","arguments":["x"]}"#;
        let read: Message = serde_json::from_str(kept).unwrap();
        assert_eq!(read, Message::foreign("good"));
    }
}
