//! What a condition in SQL is whatever the row. Pure.
//!
//! In: an expression. Out: true, false, or that it depends on the row.

use sqlparser::ast::{BinaryOperator, Expr, InTarget, UnaryOperator, Value};

/// Returns what a condition is whatever the row; `None` where it depends on it.
pub(super) fn truth(expression: &Expr) -> Option<bool> {
    match expression {
        Expr::Nested(inner) => truth(inner),
        Expr::Value(value) => match &value.value {
            Value::Boolean(value) => Some(*value),
            Value::Number(digits, _) => Some(digits.parse() != Ok(0.0)),
            Value::Null => Some(false),
            // Dialects differ on which texts are true.
            _ => Some(true),
        },
        Expr::UnaryOp { op, expr } if *op == UnaryOperator::Not => truth(expr).map(|is| !is),
        Expr::BinaryOp { left, op, right } => match op {
            BinaryOperator::And => match (truth(left), truth(right)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), other) | (other, Some(true)) => other,
                (None, None) => None,
            },
            BinaryOperator::Or => match (truth(left), truth(right)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), other) | (other, Some(false)) => other,
                (None, None) => None,
            },
            _ => compared(left, op, right),
        },
        Expr::Like {
            negated: false,
            pattern,
            ..
        }
        | Expr::ILike {
            negated: false,
            pattern,
            ..
        } => (pattern.to_string() == "'%'").then_some(true),
        Expr::IsTrue(inner) | Expr::IsNotFalse(inner) => truth(inner),
        Expr::IsFalse(inner) | Expr::IsNotTrue(inner) => truth(inner).map(|is| !is),
        Expr::In {
            expr,
            target: InTarget::List(list),
            negated: false,
            ..
        } => list.contains(expr).then_some(true),
        Expr::Between {
            expr,
            negated: false,
            low,
            high,
        } => {
            let (low, high) = (number(low)?, number(high)?);
            let value = number(expr)?;
            Some((low..=high).contains(&value))
        }
        _ => None,
    }
}

/// Returns what a comparison is whatever the row: of a thing with itself, or of two numbers or
/// texts.
fn compared(left: &Expr, op: &BinaryOperator, right: &Expr) -> Option<bool> {
    let (left, right) = (bare(left), bare(right));
    let is_equal = match op {
        BinaryOperator::Eq | BinaryOperator::Spaceship => true,
        BinaryOperator::GtEq | BinaryOperator::LtEq => true,
        BinaryOperator::NotEq | BinaryOperator::Lt | BinaryOperator::Gt => false,
        _ => return None,
    };
    if left == right {
        return Some(is_equal);
    }
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return Some(match op {
            BinaryOperator::Eq | BinaryOperator::Spaceship => left == right,
            BinaryOperator::NotEq => left != right,
            BinaryOperator::Lt => left < right,
            BinaryOperator::LtEq => left <= right,
            BinaryOperator::Gt => left > right,
            _ => left >= right,
        });
    }
    // Two texts that differ: which one comes first, the server's order says.
    let is_value = |expression: &Expr| matches!(expression, Expr::Value(_));
    (is_value(left) && is_value(right)).then_some(*op != BinaryOperator::Eq)
}

/// Returns an expression without the brackets around it.
fn bare(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => bare(inner),
        other => other,
    }
}

/// Returns a number.
fn number(expression: &Expr) -> Option<f64> {
    match bare(expression) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}
