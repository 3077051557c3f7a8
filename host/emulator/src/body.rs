//! The statements of one function.

use std::collections::HashMap;

use super::decode::{Constants, Operand, decode};
use super::error::{Problem, PtxError};
use super::function::{Call, Function, LOCAL_BASE, Register, SPECIAL, Slot, Step};
use super::memory::PARAMETERS;
use super::token::Reader;

/// Where the names of the module's variables lie.
pub(super) type Variables = HashMap<String, u64>;

/// What a name within a function stands for.
#[derive(Debug, Clone, Copy)]
enum Name {
    Register(Register, u32),
    Parameter(Slot),
    Local(u32),
}

/// A function while it is read.
pub(super) struct Body<'a, 'r> {
    reader: &'r mut Reader<'a>,
    variables: &'r mut Variables,
    shared_bytes: &'r mut u64,
    function: Function,
    scopes: Vec<HashMap<String, Name>>,
    constants: HashMap<u64, Register>,
    labels: HashMap<String, u32>,
    tables: HashMap<String, Vec<String>>,
    /// Steps whose targets are labels, known at the end.
    jumps: Vec<(usize, Vec<String>, usize)>,
}

impl Constants for Body<'_, '_> {
    fn constant(&mut self, value: u64) -> Register {
        let next = self.function.registers.len() as Register;
        let register = *self.constants.entry(value).or_insert(next);
        if register == next {
            self.function.registers.push(value);
        }
        register
    }

    fn sink(&mut self) -> Register {
        self.function.registers.push(0);
        self.function.registers.len() as Register - 1
    }
}

impl<'a, 'r> Body<'a, 'r> {
    pub fn new(
        reader: &'r mut Reader<'a>,
        variables: &'r mut Variables,
        shared_bytes: &'r mut u64,
        name: &str,
        is_kernel: bool,
    ) -> Self {
        let function = Function {
            name: name.to_owned(),
            is_kernel,
            parameters: Vec::new(),
            result: None,
            parameter_bytes: 0,
            local_bytes: 0,
            registers: vec![0; LOCAL_BASE as usize + 1],
            steps: Vec::new(),
            lines: Vec::new(),
        };
        let specials = SPECIAL.iter().enumerate();
        let specials = specials.map(|(i, name)| ((*name).to_owned(), Name::Register(i as Register, 32)));
        Self {
            reader,
            variables,
            shared_bytes,
            function,
            scopes: vec![specials.collect()],
            constants: HashMap::new(),
            labels: HashMap::new(),
            tables: HashMap::new(),
            jumps: Vec::new(),
        }
    }

    /// Room for a parameter, or for an argument or a result of a call.
    pub fn parameter(&mut self, name: &str, bytes: u64, align: u64) -> Slot {
        let offset = u64::from(self.function.parameter_bytes).next_multiple_of(align.max(1));
        let slot = Slot { offset: offset as u32, bytes: bytes as u32 };
        self.function.parameter_bytes = (offset + bytes) as u32;
        self.declare(name, Name::Parameter(slot));
        slot
    }

    pub fn signature(&mut self) -> (&mut Vec<Slot>, &mut Option<Slot>) {
        (&mut self.function.parameters, &mut self.function.result)
    }

    pub fn reader(&mut self) -> &mut Reader<'a> {
        self.reader
    }

    fn declare(&mut self, name: &str, meaning: Name) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), meaning);
        }
    }

    fn meaning(&self, name: &str) -> Option<Name> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name).copied())
    }

    /// Reads from after the `{` to its `}`.
    pub fn read(mut self) -> Result<Function, PtxError> {
        let mut depth = 1;
        while depth > 0 {
            if self.reader.is_at_end() {
                return Err(self.reader.unexpected("}"));
            }
            if self.reader.take("{") {
                depth += 1;
                self.scopes.push(HashMap::new());
            } else if self.reader.take("}") {
                depth -= 1;
                self.scopes.pop();
            } else if self.reader.peek().starts_with('.') {
                self.directive()?;
            } else {
                self.statement()?;
            }
        }
        self.resolve()?;
        Ok(self.function)
    }

    fn resolve(&mut self) -> Result<(), PtxError> {
        for (step, names, line) in &self.jumps {
            let targets: Result<Vec<u32>, PtxError> = names
                .iter()
                .map(|name| {
                    let undeclared = || PtxError { line: *line, problem: Problem::Undeclared(name.clone()) };
                    self.labels.get(name).copied().ok_or_else(undeclared)
                })
                .collect();
            let targets = targets?;
            match &mut self.function.steps[*step] {
                Step::Branch { target } | Step::BranchIf { target, .. } => *target = targets[0],
                Step::BranchIndex { targets: places, .. } => *places = targets.into(),
                _ => {}
            }
        }
        Ok(())
    }

    fn directive(&mut self) -> Result<(), PtxError> {
        match self.reader.peek() {
            ".reg" => self.registers(),
            ".param" => {
                self.reader.next();
                let declared = super::parse::variable(self.reader)?;
                self.parameter(&declared.name, declared.bytes, declared.align);
                self.reader.expect(";")
            }
            ".local" => {
                self.reader.next();
                let declared = super::parse::variable(self.reader)?;
                let offset = u64::from(self.function.local_bytes).next_multiple_of(declared.align.max(1));
                self.function.local_bytes = (offset + declared.bytes) as u32;
                self.declare(&declared.name, Name::Local(offset as u32));
                self.reader.expect(";")
            }
            ".shared" => {
                self.reader.next();
                super::parse::shared(self.reader, self.variables, self.shared_bytes)
            }
            ".pragma" => {
                self.reader.next();
                self.reader.next();
                self.reader.expect(";")
            }
            other => Err(self.reader.error(Problem::Directive(other.to_owned()))),
        }
    }

    /// `.reg .b32 %r<5>;` or `.reg .b16 tmp, other;`
    fn registers(&mut self) -> Result<(), PtxError> {
        self.reader.next();
        let kind = self.reader.next();
        let bits = match kind.trim_start_matches('.') {
            "pred" => 1,
            name => {
                super::convert::Kind::of(name)
                    .ok_or_else(|| self.reader.error(Problem::Directive(kind.to_owned())))?
                    .bits
            }
        };
        loop {
            let name = self.reader.name("a register")?;
            if self.reader.take("<") {
                let count = self.reader.number()?;
                self.reader.expect(">")?;
                if count > 1 << 20 {
                    return Err(self.reader.error(Problem::TooLarge));
                }
                for i in 0..count {
                    let register = self.sink();
                    self.declare(&format!("{name}{i}"), Name::Register(register, bits));
                }
            } else {
                let register = self.sink();
                self.declare(name, Name::Register(register, bits));
            }
            if !self.reader.take(",") {
                return self.reader.expect(";");
            }
        }
    }

    /// A label, a table of targets or an instruction.
    fn statement(&mut self) -> Result<(), PtxError> {
        let line = self.reader.line();
        let guard = if self.reader.take("@") {
            let negated = self.reader.take("!");
            Some((self.register()?, !negated))
        } else {
            None
        };
        let name = self.reader.name("an instruction")?;
        if self.reader.take(":") {
            if self.reader.take(".branchtargets") {
                let targets = self.list(";", |body| body.reader.name("a label").map(str::to_owned))?;
                self.tables.insert(name.to_owned(), targets);
            } else {
                self.labels.insert(name.to_owned(), self.function.steps.len() as u32);
            }
            return Ok(());
        }
        let begin = self.function.steps.len();
        if let (Some((predicate, when)), "bra" | "bra.uni") = (guard, name) {
            let target = self.reader.name("a label")?.to_owned();
            self.reader.expect(";")?;
            self.jumps.push((begin, vec![target], line));
            self.push(line, [Step::BranchIf { predicate, when, target: 0 }]);
            return Ok(());
        }
        if let Some((predicate, when)) = guard {
            // Steps over the instruction.
            self.push(line, [Step::BranchIf { predicate, when: !when, target: 0 }]);
        }
        self.instruction(name, line)?;
        let end = self.function.steps.len() as u32;
        if let (Some(_), Step::BranchIf { target, .. }) = (guard, &mut self.function.steps[begin]) {
            *target = end;
        }
        Ok(())
    }

    fn push(&mut self, line: usize, steps: impl IntoIterator<Item = Step>) {
        self.function.steps.extend(steps);
        self.function.lines.resize(self.function.steps.len(), line as u32);
    }

    fn instruction(&mut self, name: &str, line: usize) -> Result<(), PtxError> {
        let step = match name {
            "bra" | "bra.uni" => {
                let target = self.reader.name("a label")?.to_owned();
                self.jumps.push((self.function.steps.len(), vec![target], line));
                Step::Branch { target: 0 }
            }
            "brx.idx" | "brx.idx.uni" => {
                let index = self.register()?;
                self.reader.expect(",")?;
                let table = self.reader.name("a label")?;
                let undeclared = || PtxError { line, problem: Problem::Undeclared(table.to_owned()) };
                let targets = self.tables.get(table).cloned().ok_or_else(undeclared)?;
                self.jumps.push((self.function.steps.len(), targets, line));
                Step::BranchIndex { index, targets: Box::default() }
            }
            "call" | "call.uni" => self.call()?,
            "ret" | "ret.uni" => Step::Return,
            "exit" => Step::Exit,
            "trap" => Step::Trap,
            "bar.sync" | "barrier.sync" => Step::Barrier { id: self.register()? },
            _ => {
                let operands = self.list(";", Self::operand)?;
                let unknown = || PtxError { line, problem: Problem::Instruction(name.to_owned()) };
                let steps = decode(name, &operands, self).ok_or_else(unknown)?;
                self.push(line, steps);
                return Ok(());
            }
        };
        self.push(line, [step]);
        self.reader.expect(";")
    }

    /// `(result), function, (arguments)`; result and arguments may be left out.
    fn call(&mut self) -> Result<Step, PtxError> {
        let mut call = Call { name: String::new(), function: 0, arguments: Vec::new(), result: None };
        if self.reader.take("(") {
            call.result = self.list(")", Self::slot)?.first().copied();
            self.reader.expect(",")?;
        }
        call.name = self.reader.name("a function")?.to_owned();
        if self.reader.take(",") {
            self.reader.expect("(")?;
            call.arguments = self.list(")", Self::slot)?;
        }
        Ok(Step::Call(Box::new(call)))
    }

    fn slot(&mut self) -> Result<Slot, PtxError> {
        let name = self.reader.name("a parameter")?;
        match self.meaning(name) {
            Some(Name::Parameter(slot)) => Ok(slot),
            _ => Err(self.reader.error(Problem::Undeclared(name.to_owned()))),
        }
    }

    /// Items with commas between, to `end`.
    fn list<T>(
        &mut self,
        end: &'static str,
        mut item: impl FnMut(&mut Self) -> Result<T, PtxError>,
    ) -> Result<Vec<T>, PtxError> {
        let mut items = Vec::new();
        if self.reader.take(end) {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if !self.reader.take(",") {
                self.reader.expect(end)?;
                return Ok(items);
            }
        }
    }

    fn operand(&mut self) -> Result<Operand, PtxError> {
        if self.reader.take("{") {
            let item = |body: &mut Self| {
                if body.reader.take("_") {
                    return Ok(None);
                }
                match body.value()? {
                    Operand::Register(register, bits) => Ok(Some((register, bits))),
                    _ => Err(body.reader.unexpected("a register")),
                }
            };
            return Ok(Operand::Vector(self.list("}", item)?));
        }
        if self.reader.take("[") {
            let address = match self.value()? {
                Operand::Register(register, _) => Operand::Address(register, self.offset()?),
                Operand::Local(offset) => {
                    let offset = self.function.registers[offset as usize];
                    Operand::Address(LOCAL_BASE, offset)
                }
                other => other,
            };
            self.reader.expect("]")?;
            return Ok(address);
        }
        self.value()
    }

    /// `+8` or `+-8` or nothing.
    fn offset(&mut self) -> Result<u64, PtxError> {
        if self.reader.take("+") || self.reader.peek() == "-" { self.reader.number() } else { Ok(0) }
    }

    fn register(&mut self) -> Result<Register, PtxError> {
        match self.value()? {
            Operand::Register(register, _) => Ok(register),
            _ => Err(self.reader.unexpected("a register")),
        }
    }

    /// A register, a number, or the address of a variable.
    fn value(&mut self) -> Result<Operand, PtxError> {
        if self.reader.is_number() {
            let value = self.reader.number()?;
            return Ok(Operand::Register(self.constant(value), 64));
        }
        let line = self.reader.line();
        let name = self.reader.name("an operand")?;
        match self.meaning(name) {
            Some(Name::Register(register, bits)) => Ok(Operand::Register(register, bits)),
            Some(Name::Parameter(slot)) => {
                let address = PARAMETERS.wrapping_add(slot.offset.into()).wrapping_add(self.offset()?);
                Ok(Operand::Register(self.constant(address), 64))
            }
            Some(Name::Local(offset)) => {
                let offset = u64::from(offset).wrapping_add(self.offset()?);
                Ok(Operand::Local(self.constant(offset)))
            }
            None => match self.variables.get(name).copied() {
                Some(address) => {
                    let address = address.wrapping_add(self.offset()?);
                    Ok(Operand::Register(self.constant(address), 64))
                }
                None => Err(PtxError { line, problem: Problem::Undeclared(name.to_owned()) }),
            },
        }
    }
}
