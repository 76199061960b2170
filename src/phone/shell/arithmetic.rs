//! `$((...))`: evaluates what `brush-parser` parses. Integers wrap, as in mksh.

use brush_parser::ast::{
    ArithmeticExpr, ArithmeticTarget, BinaryOperator, UnaryAssignmentOperator, UnaryOperator,
};

use super::interpreter::{Fault, Shell};

/// The value of an expression whose parameters are already expanded.
pub fn evaluate(shell: &mut Shell, text: &str) -> Result<i64, Fault> {
    if text.trim().is_empty() {
        return Ok(0);
    }
    let expression = brush_parser::arithmetic::parse(text)
        .map_err(|_| Fault::fatal(format!("{text}: unexpected token")))?;
    value(shell, &expression, text)
}

fn value(shell: &mut Shell, expression: &ArithmeticExpr, text: &str) -> Result<i64, Fault> {
    Ok(match expression {
        ArithmeticExpr::Literal(number) => *number,
        ArithmeticExpr::Reference(target) => read(shell, target),
        ArithmeticExpr::UnaryOp(operator, operand) => {
            let operand = value(shell, operand, text)?;
            match operator {
                UnaryOperator::UnaryPlus => operand,
                UnaryOperator::UnaryMinus => operand.wrapping_neg(),
                UnaryOperator::BitwiseNot => !operand,
                UnaryOperator::LogicalNot => i64::from(operand == 0),
            }
        }
        ArithmeticExpr::BinaryOp(BinaryOperator::LogicalAnd, left, right) => {
            i64::from(value(shell, left, text)? != 0 && value(shell, right, text)? != 0)
        }
        ArithmeticExpr::BinaryOp(BinaryOperator::LogicalOr, left, right) => {
            i64::from(value(shell, left, text)? != 0 || value(shell, right, text)? != 0)
        }
        ArithmeticExpr::BinaryOp(operator, left, right) => {
            let left = value(shell, left, text)?;
            let right = value(shell, right, text)?;
            binary(operator, left, right, text)?
        }
        ArithmeticExpr::Conditional(condition, yes, no) => {
            let chosen = if value(shell, condition, text)? != 0 {
                yes
            } else {
                no
            };
            value(shell, chosen, text)?
        }
        ArithmeticExpr::Assignment(target, operand) => {
            let new = value(shell, operand, text)?;
            write(shell, target, new)
        }
        ArithmeticExpr::BinaryAssignment(operator, target, operand) => {
            let old = read(shell, target);
            let operand = value(shell, operand, text)?;
            let new = binary(operator, old, operand, text)?;
            write(shell, target, new)
        }
        ArithmeticExpr::UnaryAssignment(operator, target) => {
            let old = read(shell, target);
            let (new, result_is_new) = match operator {
                UnaryAssignmentOperator::PrefixIncrement => (old.wrapping_add(1), true),
                UnaryAssignmentOperator::PrefixDecrement => (old.wrapping_sub(1), true),
                UnaryAssignmentOperator::PostfixIncrement => (old.wrapping_add(1), false),
                UnaryAssignmentOperator::PostfixDecrement => (old.wrapping_sub(1), false),
            };
            write(shell, target, new);
            if result_is_new { new } else { old }
        }
    })
}

fn binary(operator: &BinaryOperator, left: i64, right: i64, text: &str) -> Result<i64, Fault> {
    let zero = || Fault::fatal(format!("{text}: zero divisor"));
    Ok(match operator {
        BinaryOperator::Power => {
            let exponent =
                u32::try_from(right).map_err(|_| Fault::fatal(format!("{text}: bad exponent")))?;
            left.wrapping_pow(exponent)
        }
        BinaryOperator::Multiply => left.wrapping_mul(right),
        BinaryOperator::Divide if right == 0 => return Err(zero()),
        BinaryOperator::Divide => left.wrapping_div(right),
        BinaryOperator::Modulo if right == 0 => return Err(zero()),
        BinaryOperator::Modulo => left.wrapping_rem(right),
        BinaryOperator::Comma => right,
        BinaryOperator::Add => left.wrapping_add(right),
        BinaryOperator::Subtract => left.wrapping_sub(right),
        BinaryOperator::ShiftLeft => left.wrapping_shl(right as u32),
        BinaryOperator::ShiftRight => left.wrapping_shr(right as u32),
        BinaryOperator::LessThan => i64::from(left < right),
        BinaryOperator::LessThanOrEqualTo => i64::from(left <= right),
        BinaryOperator::GreaterThan => i64::from(left > right),
        BinaryOperator::GreaterThanOrEqualTo => i64::from(left >= right),
        BinaryOperator::Equals => i64::from(left == right),
        BinaryOperator::NotEquals => i64::from(left != right),
        BinaryOperator::BitwiseAnd => left & right,
        BinaryOperator::BitwiseXor => left ^ right,
        BinaryOperator::BitwiseOr => left | right,
        BinaryOperator::LogicalAnd => i64::from(left != 0 && right != 0),
        BinaryOperator::LogicalOr => i64::from(left != 0 || right != 0),
    })
}

fn name(target: &ArithmeticTarget) -> &str {
    match target {
        ArithmeticTarget::Variable(name) | ArithmeticTarget::ArrayElement(name, _) => name,
    }
}

fn read(shell: &Shell, target: &ArithmeticTarget) -> i64 {
    shell
        .variable(name(target))
        .and_then(|value| value.trim().parse().ok())
        .unwrap_or(0)
}

fn write(shell: &mut Shell, target: &ArithmeticTarget, value: i64) -> i64 {
    shell.set_variable(name(target), &value.to_string());
    value
}
