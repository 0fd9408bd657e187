//! A JSON object that is answered: what came in goes out again, with fields put in or replaced.
//!
//! `check --jsonl` reads and writes one for every line, so text is borrowed from the input where it
//! stands there without escapes, and the few fields of an object are searched in order instead of
//! being hashed.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// An object; each key stands once.
#[derive(Debug, Default)]
pub(super) struct Object<'t> {
    /// Its fields in order.
    fields: Vec<(Cow<'t, str>, Field<'t>)>,
}

/// The value of a field.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Field<'t> {
    /// A text.
    Text(Cow<'t, str>),
    /// Several texts.
    Texts(Vec<&'t str>),
    /// Anything else.
    Value(Value),
}

impl<'t> Object<'t> {
    /// Returns the object with a single text in it.
    pub(super) fn of_text(key: &'t str, text: impl Into<Cow<'t, str>>) -> Self {
        let mut object = Self::default();
        object.set(key, Field::Text(text.into()));
        object
    }

    /// Returns a field.
    pub(super) fn get(&self, key: &str) -> Option<&Field<'t>> {
        let mut fields = self.fields.iter();
        fields
            .find(|(found, _)| found == key)
            .map(|(_, field)| field)
    }

    /// Puts a field at the end, or in the place of the one with this key.
    pub(super) fn set(&mut self, key: impl Into<Cow<'t, str>>, field: Field<'t>) {
        let key = key.into();
        let mut fields = self.fields.iter_mut();
        match fields.find(|(found, _)| *found == key) {
            Some((_, place)) => *place = field,
            None => self.fields.push((key, field)),
        }
    }
}

impl From<Map<String, Value>> for Object<'_> {
    fn from(map: Map<String, Value>) -> Self {
        let fields = map.into_iter().map(|(key, value)| {
            let field = match value {
                Value::String(text) => Field::Text(text.into()),
                value => Field::Value(value),
            };
            (Cow::Owned(key), field)
        });
        Self {
            fields: fields.collect(),
        }
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for (key, field) in &self.fields {
            map.serialize_entry(key, field)?;
        }
        map.end()
    }
}

impl<'de: 't, 't> Deserialize<'de> for Object<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Takes an object's fields.
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut object = Object::default();
                while let Some(Key(key)) = map.next_key()? {
                    object.set(key, map.next_value()?);
                }
                Ok(object)
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

/// The key of a field.
struct Key<'t>(Cow<'t, str>);

impl<'de: 't, 't> Deserialize<'de> for Key<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Takes a text, borrowed where it can be.
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

impl<'de: 't, 't> Deserialize<'de> for Field<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Takes a text as it is, and anything else as a value.
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Field<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Field<'de>, E> {
                Ok(Field::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Field<'de>, E> {
                Ok(Field::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E>(self) -> Result<Field<'de>, E> {
                Ok(Field::Value(Value::Null))
            }

            fn visit_bool<E>(self, is: bool) -> Result<Field<'de>, E> {
                Ok(Field::Value(is.into()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Field<'de>, E> {
                Ok(Field::Value(number.into()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Field<'de>, E> {
                Ok(Field::Value(number.into()))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Field<'de>, E> {
                Ok(Field::Value(number.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Field<'de>, A::Error> {
                Value::deserialize(SeqAccessDeserializer::new(list)).map(Field::Value)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field<'de>, A::Error> {
                Value::deserialize(MapAccessDeserializer::new(map)).map(Field::Value)
            }
        }

        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns an object written again, by way of this type and by way of `serde_json`'s own.
    fn both_ways(text: &str) -> (String, String) {
        let object: Object<'_> = serde_json::from_str(text).unwrap();
        let map: Map<String, Value> = serde_json::from_str(text).unwrap();
        (
            serde_json::to_string(&object).unwrap(),
            serde_json::to_string(&map).unwrap(),
        )
    }

    #[test]
    fn what_comes_in_goes_out_in_its_order() {
        for text in [
            "{}",
            r#"{"b":"x","a":"y"}"#,
            r#" { "a" : [ 1 , -2, 3.50, 1e400x ] } "#.replace("1e400x", "1e3").as_str(),
            r#"{"a":{"c":null,"b":true},"d":null,"e":false}"#,
            r#"{"a":18446744073709551615,"b":-9223372036854775808,"c":1.5e300}"#,
            r#"{"a\n\u3042":"\ud83d\ude00 \" \\ \/ \u0000"}"#,
            r#"{"a":"1","b":2,"a":[3]}"#,
        ] {
            let (ours, theirs) = both_ways(text);
            assert_eq!(ours, theirs, "{text}");
        }
    }

    #[test]
    fn text_without_escapes_is_borrowed() {
        let object: Object<'_> = serde_json::from_str(r#"{"a":"b","c":"\n"}"#).unwrap();
        let is_borrowed = |key| match object.get(key) {
            Some(Field::Text(text)) => matches!(text, Cow::Borrowed(_)),
            Some(_) | None => panic!("no text under {key}"),
        };
        assert!(is_borrowed("a") && !is_borrowed("c"));
    }

    #[test]
    fn a_field_is_put_at_the_end_or_in_place() {
        let mut object: Object<'_> = serde_json::from_str(r#"{"a":1,"b":2}"#).unwrap();
        object.set("a", Field::Texts(vec!["x", "y"]));
        object.set("c", Field::Value(true.into()));
        let text = serde_json::to_string(&object).unwrap();
        assert_eq!(text, r#"{"a":["x","y"],"b":2,"c":true}"#);
    }

    #[test]
    fn what_is_no_object_is_told() {
        for text in ["", "1", "[]", "null", "{", r#"{"a"}"#, r#"{"a":}"#, "{} x"] {
            assert!(serde_json::from_str::<Object<'_>>(text).is_err(), "{text}");
        }
    }
}
