//! The emulator on PTX written by hand: what compiled kernels seldom contain, and every way to go wrong.

use polyak::backend::emulator::{Address, Argument, Cause, Fault, Memory, Module, Problem};

/// Runs the body of a kernel `k` over `block` threads and gives `bytes` bytes of what `[out]` points to.
fn run(declarations: &str, body: &str, block: [u32; 3], bytes: usize) -> Result<Vec<u8>, Fault> {
    let text = format!(
        ".version 7.0\n.target sm_75\n.address_size 64\n{declarations}
        .visible .entry k(.param .u64 .ptr .align 8 out)
        {{
            .reg .pred %p<9>;
            .reg .b16 %rs<9>;
            .reg .b32 %r<20>;
            .reg .b64 %rd<20>;
            .reg .b64 %out;
            ld.param.b64 %out, [out];
            cvta.to.global.u64 %out, %out;
            {body}
            ret;
        }}"
    );
    let module = Module::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(module.kernels().collect::<Vec<_>>(), ["k"]);
    let mut memory = Memory::new();
    let out = memory.alloc(bytes);
    module.launch("k", [1, 1, 1], block, &[out.into()], &mut memory)?;
    Ok(memory.read(out, bytes).unwrap().to_vec())
}

fn words(bytes: Vec<u8>) -> Vec<u32> {
    bytes.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect()
}

fn words_of(body: &str, words_out: usize) -> Vec<u32> {
    words(run("", body, [1, 1, 1], 4 * words_out).unwrap())
}

fn cause(body: &str) -> (Cause, String) {
    let fault = run("", body, [1, 1, 1], 64).unwrap_err();
    let text = fault.to_string();
    match fault {
        Fault::Thread { cause, .. } => (cause, text),
        other => panic!("{other}"),
    }
}

fn refused(text: &str) -> Problem {
    Module::parse(&format!(".visible .entry k() {{ .reg .b32 %r<4>; .reg .b64 %rd<4>; {text} }}"))
        .unwrap_err()
        .problem
}

#[test]
fn threads_know_their_places_in_three_dimensions() {
    let text = ".visible .entry k(.param .u64 out) {
        .reg .b32 %r<20>; .reg .b64 %rd<9>;
        ld.param.b64 %rd1, [out];
        mov.u32 %r1, %tid.x; mov.u32 %r2, %tid.y; mov.u32 %r3, %tid.z;
        mov.u32 %r4, %ntid.x; mov.u32 %r5, %ntid.y; mov.u32 %r6, %ntid.z;
        mov.u32 %r7, %ctaid.x; mov.u32 %r8, %ctaid.y; mov.u32 %r9, %ctaid.z;
        mov.u32 %r10, %nctaid.x; mov.u32 %r11, %nctaid.y;
        mad.lo.s32 %r12, %r9, %r11, %r8; mad.lo.s32 %r12, %r12, %r10, %r7;
        mad.lo.s32 %r12, %r12, %r6, %r3; mad.lo.s32 %r12, %r12, %r5, %r2; mad.lo.s32 %r12, %r12, %r4, %r1;
        mul.wide.u32 %rd2, %r12, 4; add.s64 %rd2, %rd1, %rd2;
        add.s32 %r12, %r12, 7; st.global.u32 [%rd2], %r12;
        ret; }";
    let module = Module::parse(text).unwrap();
    let mut memory = Memory::new();
    let count = 2 * 3 * 4 * 5 * 2 * 3;
    let out = memory.alloc(4 * count);
    let stats = module.launch("k", [2, 3, 4], [5, 2, 3], &[out.into()], &mut memory).unwrap();
    assert_eq!(stats.threads, count as u64);
    assert_eq!(stats.instructions, 22 * count as u64);
    let found = words(memory.read(out, 4 * count).unwrap().to_vec());
    assert_eq!(found, (7..7 + count as u32).collect::<Vec<_>>());
}

#[test]
fn threads_of_a_block_meet_at_a_barrier() {
    let body = "mov.u32 %r1, %tid.x; mul.wide.u32 %rd1, %r1, 4;
        mov.b64 %rd2, tile; add.s64 %rd3, %rd2, %rd1;
        mul.lo.u32 %r2, %r1, %r1; st.shared.u32 [%rd3], %r2;
        bar.sync 0;
        sub.u32 %r3, 63, %r1; mul.wide.u32 %rd4, %r3, 4; add.s64 %rd5, %rd2, %rd4;
        ld.shared.u32 %r4, [%rd5];
        bar.sync 0;
        st.shared.u32 [%rd3], %r4;
        barrier.sync 0;
        ld.shared.u32 %r5, [%rd3]; add.s64 %rd6, %out, %rd1; st.global.u32 [%rd6], %r5;";
    let found = run(".shared .align 4 .b8 tile[256];", body, [64, 1, 1], 256).unwrap();
    assert_eq!(words(found), (0..64u32).map(|i| (63 - i) * (63 - i)).collect::<Vec<_>>());

    let body = "mov.u32 %r1, %tid.x; setp.eq.u32 %p1, %r1, 0; @%p1 bra $A; bar.sync 1; bra.uni $B; $A: bar.sync 2; $B:";
    let fault = run("", body, [2, 1, 1], 8).unwrap_err();
    assert!(matches!(fault, Fault::Thread { cause: Cause::Barrier, .. }), "{fault}");
}

#[test]
fn functions_are_called_with_copies_and_give_results() {
    let declarations = "
        .func (.param .b32 result) fibonacci(.param .b32 n);
        .func (.param .b32 result) fibonacci(.param .b32 n)
        {
            .reg .pred %p<2>; .reg .b32 %r<9>;
            ld.param.b32 %r1, [n];
            setp.lt.u32 %p1, %r1, 2;
            @%p1 bra $SMALL;
            add.s32 %r2, %r1, -1;
            { .param .b32 a; st.param.b32 [a], %r2; .param .b32 r; call.uni (r), fibonacci, (a); ld.param.b32 %r3, [r]; }
            add.s32 %r2, %r1, -2;
            { .param .b32 a; st.param.b32 [a], %r2; .param .b32 r; call.uni (r), fibonacci, (a); ld.param.b32 %r4, [r]; }
            add.s32 %r1, %r3, %r4;
        $SMALL:
            st.param.b32 [result], %r1;
            ret;
        }
        .func store(.param .b64 place, .param .align 16 .b8 pair[16])
        {
            .local .align 8 .b8 depot[16];
            .reg .b64 %rd<9>;
            mov.b64 %rd6, depot; cvta.local.u64 %rd7, %rd6;
            ld.param.b64 %rd1, [place]; ld.param.v2.b64 {%rd2, %rd3}, [pair];
            st.b64 [%rd7+8], %rd2; ld.local.b64 %rd4, [%rd6+8];
            st.b64 [%rd1], %rd3; st.b64 [%rd1+8], %rd4;
            ret;
        }";
    let body = "
        { .param .b32 a; st.param.b32 [a], 12; .param .b32 r; call.uni (r), fibonacci, (a); ld.param.b32 %r1, [r]; }
        cvt.u64.u32 %rd1, %r1;
        { .param .b64 a; st.param.b64 [a], %out; .param .align 16 .b8 b[16]; st.param.b64 [b], %rd1;
          st.param.b64 [b+8], -1; call.uni store, (a, b); }";
    let found = run(declarations, body, [1, 1, 1], 16).unwrap();
    assert_eq!(words(found), [u32::MAX, u32::MAX, 144, 0]);

    let endless = ".func again() { call.uni again; ret; }";
    let fault = run(endless, "call again;", [1, 1, 1], 8).unwrap_err();
    assert!(matches!(fault, Fault::Thread { cause: Cause::CallDepth, .. }), "{fault}");
    assert!(fault.to_string().contains("(in again)"), "{fault}");
}

#[test]
fn loads_and_stores_move_words_of_every_size() {
    let found = words_of(
        "st.global.v4.b32 [%out], {1, 2, 3, 0x8000FFFE};
         ld.global.s16 %r1, [%out+12]; st.global.b32 [%out+16], %r1;
         ld.global.u16 %r2, [%out+12]; st.global.b32 [%out+20], %r2;
         ld.global.s8 %r3, [%out+15]; ld.global.u8 %r4, [%out+15];
         st.global.v2.b32 [%out+24], {%r3, %r4};
         ld.global.v2.u32 {%r5, _}, [%out]; st.global.b8 [%out+32], 0x1FF; st.global.b16 [%out+34], %r5;
         ld.global.s32 %rd1, [%out+12]; st.global.b64 [%out+40], %rd1;",
        12,
    );
    let expected = [
        1,
        2,
        3,
        0x8000_fffe,
        0xffff_fffe,
        0xfffe,
        0xffff_ff80,
        0x80,
        0x0001_00ff,
        0,
        0x8000_fffe,
        0xffff_ffff,
    ];
    assert_eq!(found, expected);
}

#[test]
fn variables_hold_numbers_and_addresses() {
    let declarations = "
        .global .align 4 .b8 bytes[8] = {1, 2, 3, 255, 5};
        .const .align 4 .u32 table[3] = {10, 0xFFFFFFFF, -3};
        .global .align 8 .u64 pointers[2] = {generic(table)+4, bytes};
        .global .f32 single = 0f3FC00000;";
    let body = "ld.global.nc.b32 %r1, [bytes]; ld.global.u8 %r2, [bytes+4]; ld.const.b32 %r3, [table+8];
        ld.global.u64 %rd1, [pointers]; ld.b32 %r4, [%rd1]; ld.b32 %r5, [%rd1+-4];
        mov.b64 %rd2, pointers; ld.global.b64 %rd3, [%rd2+8]; ld.global.u8 %r6, [%rd3+1];
        ld.global.b32 %r7, [single];
        st.global.v4.b32 [%out], {%r1, %r2, %r3, %r4}; st.global.v2.b32 [%out+16], {%r5, %r6};
        st.global.b32 [%out+24], %r7;";
    let found = words(run(declarations, body, [1, 1, 1], 28).unwrap());
    assert_eq!(found, [0xff03_0201, 5, -3i32 as u32, u32::MAX, 10, 2, 1.5f32.to_bits()]);
}

#[test]
fn a_guard_skips_one_instruction() {
    let found = words_of(
        "setp.lt.s32 %p1, -1, 1; setp.lt.u32 %p2, -1, 1;
         mov.b32 %r1, 0; @%p1 add.s32 %r1, %r1, 1; @!%p1 add.s32 %r1, %r1, 2; @%p2 add.s32 %r1, %r1, 4;
         @!%p2 add.s32 %r1, %r1, 8; @!%p2 bra $L; add.s32 %r1, %r1, 16; $L: st.global.b32 [%out], %r1;
         @%p1 exit; st.global.b32 [%out+4], 1;",
        2,
    );
    assert_eq!(found, [9, 0]);
}

#[test]
fn carries_join_words_and_halves_join_and_part() {
    let found = words_of(
        "add.cc.u32 %r1, 0xFFFFFFFF, 2; addc.cc.u32 %r2, 0xFFFFFFFF, 0; addc.u32 %r3, 5, 5;
         sub.cc.u32 %r4, 1, 2; subc.u32 %r5, 7, 3;
         add.cc.s64 %rd1, -1, 1; addc.s64 %rd2, 0, 0; cvt.u32.u64 %r6, %rd2;
         mov.b64 {%r7, %r8}, 0x0000000500000006; mov.b64 %rd3, {%r8, %r7}; st.global.b64 [%out+24], %rd3;
         { .reg .b16 half; mov.b32 {half, %rs1}, 0x00070008; mov.b32 %r9, {%rs1, half}; }
         st.global.v4.b32 [%out], {%r1, %r2, %r3, %r4}; st.global.v2.b32 [%out+16], {%r5, %r6};
         st.global.b32 [%out+32], %r9; bfi.b32 %r10, 0xF, 0, 4, 8; st.global.b32 [%out+36], %r10;",
        10,
    );
    assert_eq!(found, [1, 0, 11, u32::MAX, 3, 1, 5, 6, 0x0008_0007, 0xf0]);
}

#[test]
fn a_fault_names_the_thread_the_line_and_the_instruction() {
    let (found, text) = cause("\nst.global.b32 [%out+64], 1;");
    let Cause::Access(bad) = found else { panic!("{found}") };
    assert_eq!((bad.bytes, bad.reason), (4, "outside every allocation"));
    assert!(
        text.starts_with(
            "k, block [0, 0, 0], thread [0, 0, 0], line 15: st.global.b32 [%out+64], 1;: 4 bytes at 0x"
        ),
        "{text}"
    );
    for (body, words) in [
        ("st.global.b64 [%out+60], 1;", "not aligned"),
        ("st.global.v4.b32 [%out+56], {1, 1, 1, 1};", "not aligned"),
        ("ld.global.b64 %rd1, [%out+64];", "outside every allocation"),
        ("ld.b32 %r1, [0];", "near the null pointer"),
        ("ld.local.b32 %r1, [%out];", "another state space"),
        ("ld.shared.b32 %r1, [%out];", "another state space"),
        ("add.s64 %rd1, %out, -4; ld.global.b32 %r1, [%rd1];", "outside every allocation"),
        ("mov.b64 %rd1, out; ld.param.b64 %rd2, [%rd1+8];", "past the end"),
        ("trap;", "trap"),
    ] {
        let (_, text) = cause(body);
        assert!(text.contains(words), "{body}: {text}");
    }
    let (found, _) = cause("mov.b32 %r1, 2; $T: .branchtargets $A, $A; brx.idx %r1, $T; $A:");
    assert_eq!(found, Cause::BranchIndex { index: 2, targets: 2 });

    let declarations = ".global .u32 constant = 5;";
    let fault = run(declarations, "st.global.b32 [constant], 6;", [1, 1, 1], 4).unwrap_err();
    assert!(fault.to_string().contains("only reads"), "{fault}");
}

#[test]
fn what_the_emulator_lacks_is_refused_by_name() {
    for name in [
        "fma.rn.f32",
        "add.f32",
        "mul.f32",
        "div.approx.f32",
        "add.rn.ftz.f32",
        "mad.rn.f32",
        "ex2.approx.f32",
        "shfl.sync.idx.b32",
        "atom.global.add.u32",
        "red.global.add.f32",
        "vote.sync.all.pred",
        "lop3.b32",
        "membar.gl",
        "cvt.rn.f16.f32",
        "nonsense",
    ] {
        let found = refused(&format!("{name} %r1, %r2, %r3;"));
        assert_eq!(found, Problem::Instruction(name.to_owned()), "{found}");
    }
    assert_eq!(refused("mov.u32 %r1, %laneid;"), Problem::Undeclared("%laneid".to_owned()));
    assert_eq!(refused("bra $NOWHERE;"), Problem::Undeclared("$NOWHERE".to_owned()));
    assert_eq!(refused("add.s32 %r1, %r2, %r99;"), Problem::Undeclared("%r99".to_owned()));
    assert_eq!(refused("call.uni missing;"), Problem::Undeclared("missing".to_owned()));
    assert!(matches!(refused("add.s32 %r1, %r2"), Problem::Syntax { .. }));
    assert!(matches!(refused(".tex .u32 t;"), Problem::Directive(_)));
    let error = Module::parse("\n\n.extern .func (.param .b32 r) sinf(.param .b32 x);").unwrap_err();
    assert_eq!(error.to_string(), "PTX line 3: the emulator has no directive .extern");
}

#[test]
fn a_launch_must_fit_the_kernel() {
    let module =
        Module::parse(".visible .entry k(.param .u32 n, .param .align 8 .b8 s[24]) { ret; }").unwrap();
    let mut memory = Memory::new();
    let launch = |kernel, grid, block, arguments: &[Argument], memory: &mut Memory| {
        module.launch(kernel, grid, block, arguments, memory).map(|stats| stats.threads)
    };
    let structure = Argument::from([0u8; 24].as_slice());
    let good = [5u32.into(), structure];
    assert_eq!(launch("k", [3, 1, 1], [32, 2, 1], &good, &mut memory), Ok(192));
    assert!(matches!(launch("q", [1; 3], [1; 3], &good, &mut memory), Err(Fault::NoKernel(_))));
    assert!(matches!(launch("k", [0, 1, 1], [1; 3], &good, &mut memory), Err(Fault::Shape { .. })));
    assert!(matches!(launch("k", [1; 3], [1025, 1, 1], &good, &mut memory), Err(Fault::Shape { .. })));
    let bad = [5u64.into(), Argument::from([0u8; 24].as_slice())];
    let fault = launch("k", [1; 3], [1; 3], &bad, &mut memory).unwrap_err();
    assert_eq!(fault.to_string(), "k takes 2 arguments of [4, 24] bytes, not 2 arguments of [8, 24] bytes");
    assert!(memory.read(Address(0), 1).is_err());
}

/// 3000 damaged copies of a module: each is read or refused, and nothing else happens.
#[test]
fn a_damaged_text_is_read_or_refused() {
    let text = include_str!("ptx/fixture.ptx");
    let variables: String = text.lines().filter(|line| line.starts_with(".global")).collect();
    let whole = variables + &text[text.find(".visible .entry table").unwrap()..];
    assert!(Module::parse(&whole).is_ok());
    let mut state = 1u64;
    let mut below = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % n
    };
    let (mut read, mut refused) = (0, 0);
    for _ in 0..3000 {
        let mut text = whole.clone();
        for _ in 0..1 + below(2) {
            let (from, to) = (below(text.len() - 9), below(text.len() - 9));
            match below(4) {
                0 => drop(text.drain(from..from + 3)),
                1 => text.insert(from, [';', '{', '}', '[', ',', '%', '.', '0', '<', '-'][below(10)]),
                2 => text.replace_range(from..=from, &below(10).to_string()),
                _ => {
                    let piece = text[to..to + 8].to_owned();
                    text.insert_str(from, &piece);
                }
            }
        }
        match Module::parse(&text) {
            Ok(_) => read += 1,
            Err(_) => refused += 1,
        }
    }
    // Most damage shows; some only changes a number or a register.
    assert!(read > 100 && refused > 1000, "{read} {refused}");
}
