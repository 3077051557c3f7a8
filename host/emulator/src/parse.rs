//! A PTX module: its variables and functions.

use std::collections::HashMap;

use super::body::{Body, Variables};
use super::convert::Kind;
use super::error::{Problem, PtxError};
use super::function::{Function, Slot, Step};
use super::memory::{SHARED, VARIABLES};
use super::token::Reader;

/// A module, decoded and ready to launch.
#[derive(Debug, Clone)]
pub struct Module {
    /// The text by lines, for messages.
    pub(super) lines: Vec<String>,
    /// Bytes of the module's variables; kernels may only read them.
    pub(super) variables: Vec<u8>,
    pub(super) shared_bytes: u64,
    pub(super) functions: Vec<Function>,
}

/// A variable's declaration, without its initialiser.
pub(super) struct Declared {
    pub name: String,
    pub element: u64,
    pub bytes: u64,
    pub align: u64,
}

impl Module {
    /// Reads PTX. Anything that the emulator does not have is an error that names it: nothing is guessed or skipped.
    ///
    /// The text is taken to be valid PTX otherwise; `ptxas` is what checks that.
    pub fn parse(text: &str) -> Result<Self, PtxError> {
        let mut reader = Reader::new(text)?;
        let mut module =
            Self { lines: Vec::new(), variables: Vec::new(), shared_bytes: 0, functions: Vec::new() };
        module.lines.extend(text.lines().map(str::to_owned));
        let mut names = Variables::new();
        // Addresses in initialisers: place of the word, name, offset, line.
        let mut pointers = Vec::new();
        while !reader.is_at_end() {
            let line = reader.line();
            match reader.next() {
                ".version" | ".address_size" => _ = reader.next(),
                ".target" => {
                    reader.next();
                    while reader.take(",") {
                        reader.next();
                    }
                }
                ".visible" | ".weak" => {}
                ".global" | ".const" => module.initialised(&mut reader, &mut names, &mut pointers)?,
                ".shared" => shared(&mut reader, &mut names, &mut module.shared_bytes)?,
                kind @ (".entry" | ".func") => {
                    let found =
                        function(&mut reader, &mut names, &mut module.shared_bytes, kind == ".entry")?;
                    module.functions.extend(found);
                }
                other => {
                    return Err(PtxError { line, problem: Problem::Directive(other.to_owned()) });
                }
            }
        }
        for (place, name, offset, line) in pointers {
            let address = *names.get(&name).ok_or(PtxError { line, problem: Problem::Undeclared(name) })?;
            let bytes = u64::wrapping_add(address, offset).to_le_bytes();
            module.variables[place..place + 8].copy_from_slice(&bytes);
        }
        link(&mut module.functions)?;
        Ok(module)
    }

    /// The kernels' names, in the text's order.
    pub fn kernels(&self) -> impl Iterator<Item = &str> {
        self.functions.iter().filter(|function| function.is_kernel).map(|function| function.name.as_str())
    }

    fn initialised(
        &mut self,
        reader: &mut Reader,
        names: &mut Variables,
        pointers: &mut Vec<(usize, String, u64, usize)>,
    ) -> Result<(), PtxError> {
        let declared = variable(reader)?;
        let begin = self.variables.len().next_multiple_of(declared.align.max(1) as usize);
        self.variables.resize(begin + declared.bytes as usize, 0);
        names.insert(declared.name, VARIABLES + begin as u64);
        if reader.take("=") {
            let is_list = reader.take("{");
            let mut place = begin;
            loop {
                if reader.is_number() {
                    let value = reader.number()?.to_le_bytes();
                    let room = self.variables.get_mut(place..place + declared.element as usize);
                    let room = room.ok_or_else(|| reader.unexpected("fewer values"))?;
                    room.copy_from_slice(&value[..declared.element as usize]);
                } else {
                    let line = reader.line();
                    let generic = reader.take("generic");
                    if generic {
                        reader.expect("(")?;
                    }
                    let name = reader.name("a value")?.to_owned();
                    if generic {
                        reader.expect(")")?;
                    }
                    let offset = if reader.take("+") { reader.number()? } else { 0 };
                    if declared.element != 8 || place + 8 > self.variables.len() {
                        return Err(reader.unexpected("an address in a variable of 64 bits"));
                    }
                    pointers.push((place, name, offset, line));
                }
                place += declared.element as usize;
                if !(is_list && reader.take(",")) {
                    break;
                }
            }
            if is_list {
                reader.expect("}")?;
            }
        }
        reader.expect(";")
    }
}

/// `.align 4 .b8 name[24]`, `.u64 name`.
pub(super) fn variable(reader: &mut Reader) -> Result<Declared, PtxError> {
    let mut align = None;
    let mut element = None;
    while reader.peek().starts_with('.') {
        match reader.next() {
            ".align" => align = Some(reader.number()?),
            // What a pointer parameter points to.
            ".ptr" | ".global" | ".const" | ".shared" | ".local" => {}
            other => {
                let unknown = || reader.error(Problem::Directive(other.to_owned()));
                element = Some(u64::from(Kind::of(&other[1..]).ok_or_else(unknown)?.bits / 8));
                // A pointer's own alignment is its type's; `.ptr .align` is that of what it points to.
                if reader.take(".ptr") {
                    while reader.peek().starts_with('.') {
                        if reader.next() == ".align" {
                            reader.number()?;
                        }
                    }
                }
            }
        }
    }
    let element = element.ok_or_else(|| reader.unexpected("a type"))?;
    let name = reader.name("a name")?.to_owned();
    let mut count = 1u64;
    while reader.take("[") {
        count = count.saturating_mul(reader.number()?);
        reader.expect("]")?;
    }
    let bytes = element.saturating_mul(count);
    if bytes > 1 << 30 {
        return Err(reader.error(Problem::TooLarge));
    }
    Ok(Declared { name, element, bytes, align: align.unwrap_or(element) })
}

/// A variable that the threads of a block share.
pub(super) fn shared(reader: &mut Reader, names: &mut Variables, bytes: &mut u64) -> Result<(), PtxError> {
    let declared = variable(reader)?;
    let begin = bytes.next_multiple_of(declared.align.max(1));
    *bytes = begin + declared.bytes;
    names.insert(declared.name, SHARED + begin);
    reader.expect(";")
}

/// A kernel or a function; nothing for a prototype.
fn function(
    reader: &mut Reader,
    names: &mut Variables,
    shared_bytes: &mut u64,
    is_kernel: bool,
) -> Result<Option<Function>, PtxError> {
    // The result comes before the name.
    let result = reader.take("(").then(|| -> Result<Declared, PtxError> {
        let declared = parameter(reader)?;
        reader.expect(")")?;
        Ok(declared)
    });
    let result = result.transpose()?;
    let name = reader.name("a function")?.to_owned();
    let mut body = Body::new(reader, names, shared_bytes, &name, is_kernel);
    if body.reader().take("(") && !body.reader().take(")") {
        loop {
            let declared = parameter(body.reader())?;
            let slot = body.parameter(&declared.name, declared.bytes, declared.align);
            body.signature().0.push(slot);
            if !body.reader().take(",") {
                body.reader().expect(")")?;
                break;
            }
        }
    }
    if let Some(declared) = result {
        let slot = body.parameter(&declared.name, declared.bytes, declared.align);
        *body.signature().1 = Some(slot);
    }
    loop {
        let reader = body.reader();
        match reader.peek() {
            "{" => break,
            ";" => {
                reader.next();
                return Ok(None);
            }
            ".noreturn" => _ = reader.next(),
            // How a kernel is to be launched; a launch that differs is the launcher's fault, not seen here.
            ".maxntid" | ".reqntid" | ".minnctapersm" | ".maxnreg" => {
                reader.next();
                reader.number()?;
                while reader.take(",") {
                    reader.number()?;
                }
            }
            other => return Err(reader.error(Problem::Directive(other.to_owned()))),
        }
    }
    body.reader().expect("{")?;
    body.read().map(Some)
}

fn parameter(reader: &mut Reader) -> Result<Declared, PtxError> {
    reader.expect(".param")?;
    variable(reader)
}

/// Gives calls their functions.
fn link(functions: &mut [Function]) -> Result<(), PtxError> {
    type Signature = (usize, Vec<Slot>, Option<Slot>);
    let known: HashMap<String, Signature> = functions
        .iter()
        .enumerate()
        .map(|(i, function)| (function.name.clone(), (i, function.parameters.clone(), function.result)))
        .collect();
    for function in functions {
        for (step, line) in function.steps.iter_mut().zip(&function.lines) {
            let Step::Call(call) = step else { continue };
            let wrong = |problem| PtxError { line: *line as usize, problem };
            let (index, parameters, result) =
                known.get(&call.name).ok_or_else(|| wrong(Problem::Undeclared(call.name.clone())))?;
            let sizes = |slots: &[Slot]| slots.iter().map(|slot| slot.bytes).collect::<Vec<_>>();
            let fits = sizes(&call.arguments) == sizes(parameters)
                && call.result.map(|slot| slot.bytes) == result.map(|slot| slot.bytes);
            if !fits {
                let found = call.name.clone();
                return Err(wrong(Problem::Syntax { expected: "arguments as the function has them", found }));
            }
            call.function = *index;
        }
    }
    Ok(())
}
