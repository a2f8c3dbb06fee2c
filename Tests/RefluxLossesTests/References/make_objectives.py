#!/usr/bin/env python3
"""Worked examples of every objective with all gradients, in float64 NumPy, written from the definitions
and independent of the package. Gradients are held to central differences here before they are stored.
Writes objectives.json beside itself (NumPy 2.4.6; other versions move last bits)."""
import itertools, json, math, os
import numpy as np
F = np.float64
Z = np.array([[0.2, -0.4, 1.1, 0.7, -1.3], [1.6, 0.5, -0.2, -0.9, 0.0]], F)
ZT = np.array([[0.9, -1.2, 1.4, 0.1, -0.6], [0.3, 1.7, -0.5, 0.8, -1.5]], F)
Y = np.array([2, 0])                       # row 1: the teacher's best id is 1, not the label
B, V = Z.shape
K = 2
OUT = {}


def lse(x): m = x.max(-1, keepdims=True); return (np.log(np.exp(x - m).sum(-1, keepdims=True)) + m)
def lsm(x, T=1.): return x / T - lse(x / T)
def sm(x, T=1.): return np.exp(lsm(x, T))
def xl(a, b): return np.where(a > 0, a * np.log(np.where(a > 0, b, 1.)), 0.)
def kl(p, q): return (xl(p, p) - xl(p, q)).sum(-1)


def fd(f, x, h=1e-6):
    g = np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        a, b = x.copy(), x.copy(); a[i] += h; b[i] -= h
        g[i] = (f(a) - f(b)) / (2 * h)
    return g


def put(name, f, g=None, x=Z, tol=1e-8, **extra):
    v = f(x)
    if g is not None:
        e = np.abs(fd(f, x.copy()) - g).max()
        assert e < tol, (name, e)
    OUT[name] = {"loss": float(v), "gradient": None if g is None else np.asarray(g).tolist(), **extra}
    print(f"{name:34s} {v:.10f}" + ("" if g is None else "  g[0] = " + " ".join(f"{t:+.8f}" for t in g[0])))
    return v


P, Q = sm(ZT), sm(Z)
print("p", P.round(10).tolist()); print("q", Q.round(10).tolist())
print("lse teacher", lse(ZT).ravel(), "entropy", -(P * np.log(P)).sum(-1), "label", P[[0, 1], Y])
TOP = np.argsort(-ZT, 1, kind="stable")[:, :K]
print("top2", TOP.tolist(), [P[b, TOP[b]].tolist() for b in range(B)], "mass", [P[b, TOP[b]].sum() for b in range(B)])
OUT["inputs"] = {"z": Z.tolist(), "zt": ZT.tolist(), "y": Y.tolist(), "p": P.tolist(), "q": Q.tolist(), "top2": TOP.tolist(),
                 "logsum": lse(ZT).ravel().tolist(), "entropy": (-(P * np.log(P)).sum(-1)).tolist(), "label": P[[0, 1], Y].tolist()}
CNT = np.array([[3, 0, 6, 1, 0], [1, 7, 0, 2, 0]], F)      # 10 rounds
N = 10


def cr(q, g, T=1.): return q * (g - (q * g).sum(-1, keepdims=True)) / T

# --- separable divergences: f(t, q) and f_q -------------------------------------------------
def DIV(name, a=None, b=None):
    if name == "fkl": return lambda t, q: xl(t, t) - xl(t, q), lambda t, q: -t / q
    if name == "rkl": return lambda t, q: q * np.log(q / t), lambda t, q: np.log(q / t) + 1
    if name == "jsd":
        m = lambda t, q: a * t + (1 - a) * q
        return (lambda t, q: a * (xl(t, t) - xl(t, m(t, q))) + (1 - a) * q * np.log(q / m(t, q)),
                lambda t, q: (1 - a) * np.log(q / m(t, q)))
    if name == "skl":
        m = lambda t, q: a * t + (1 - a) * q
        return lambda t, q: xl(t, t) - xl(t, m(t, q)), lambda t, q: -(1 - a) * t / m(t, q)
    if name == "srkl":
        m = lambda t, q: (1 - a) * t + a * q
        return lambda t, q: q * np.log(q / m(t, q)), lambda t, q: np.log(q / m(t, q)) + 1 - a * q / m(t, q)
    if name == "tvd": return lambda t, q: .5 * np.abs(t - q), lambda t, q: .5 * np.sign(q - t)
    if name == "ab":
        return (lambda t, q: -(t ** a * q ** b - a / (a + b) * t ** (a + b) - b / (a + b) * q ** (a + b)) / (a * b),
                lambda t, q: q ** (b - 1) * (q ** a - t ** a) / a)


def dense(name, *ab):
    f, fq = DIV(name, *ab)
    return (lambda z: f(P, sm(z)).sum(-1).mean()), cr(Q, fq(P, Q)) / B


def bucket(name, *ab, rest=True):
    """Top-K ids and one bucket for the rest (rest=False: the teacher's rest is 0)."""
    f, fq = DIV(name, *ab)
    def L(z):
        q = sm(z); s = 0.
        for b in range(B):
            t, u = P[b, TOP[b]], q[b, TOP[b]]
            tr, ur = (1 - t.sum() if rest else 0.), 1 - u.sum()
            s += f(t, u).sum() + f(np.array(tr), np.array(ur))
        return s / B
    g = np.zeros_like(Z)
    for b in range(B):
        t, u = P[b, TOP[b]], Q[b, TOP[b]]
        tr, ur = (1 - t.sum() if rest else 0.), 1 - u.sum()
        gi, gr = fq(t, u), float(fq(np.array(tr), np.array(ur)))
        bar = (u * gi).sum() + ur * gr
        g[b] = Q[b] * (gr - bar)              # every id outside: one constant times q
        g[b, TOP[b]] = u * (gi - bar)
    return L, g / B


print("\n== separable, dense")
FAM = [("fkl",), ("rkl",), ("jsd", .3), ("skl", .1), ("srkl", .1), ("tvd",), ("ab", .2, .7), ("ab", .5, .5), ("ab", .6, .4)]
for n in FAM: put("dense " + " ".join(map(str, n)), *dense(*n))
print("== bucket (top-2 and one bucket)")
for n in FAM: put("bucket " + " ".join(map(str, n)), *bucket(*n))
print("== zero tail (teacher's rest is 0)")
for n in [("jsd", .3), ("skl", .1), ("srkl", .1), ("tvd",)]: put("zero " + " ".join(map(str, n)), *bucket(*n, rest=False))
for n in FAM:                                  # f-divergences: coarse <= fine
    if n[0] != "ab" or abs(n[1] + n[2] - 1) < 1e-12:
        assert bucket(*n)[0](Z) <= dense(*n)[0](Z) + 1e-15, n
for n in [("jsd", .3), ("skl", .1), ("srkl", .1), ("tvd",)]:   # zero tail = dense with zeros
    f, _ = DIV(*n); t = np.zeros_like(P)
    for b in range(B): t[b, TOP[b]] = P[b, TOP[b]]
    assert abs(f(t, Q).sum(-1).mean() - bucket(*n, rest=False)[0](Z)) < 1e-14
# bucket FKL at full K is the dense FKL; limits
e = 1e-6
lim = lambda *n: dense(*n)[0](Z)
assert abs(lim("ab", 1 - e, e) - lim("fkl")) < 1e-4 and abs(lim("ab", e, 1 - e) - lim("rkl")) < 1e-4
assert abs(lim("skl", e) - lim("fkl")) < 1e-4 and abs(lim("srkl", e) - lim("rkl")) < 1e-4
assert abs(lim("jsd", 1e-7) / 1e-7 - lim("fkl")) < 1e-4 and abs(lim("jsd", 1 - 1e-7) / 1e-7 - lim("rkl")) < 1e-4
H2 = 4 * (1 - np.sqrt(P * Q).sum(-1)).mean()
assert abs(lim("ab", .5, .5) - H2) < 1e-14
print("AB .5 .5 = 4 (1 - BC) =", H2)

# --- forward KL from counts and others -------------------------------------------------------
print("\n== RS-KD and its mixtures")
t = CNT / N
put("rs counts ce", lambda z: -(t * lsm(z)).sum(-1).mean(), (Q - t) / B)
put("rs counts kl", lambda z: (xl(t, t) - t * lsm(z)).sum(-1).mean(), (Q - t) / B)
for T in (2.,): put(f"fkl T{T:g} (T^2)", lambda z: T * T * kl(sm(ZT, T), sm(z, T)).mean(), T * (sm(Z, T) - sm(ZT, T)) / B)

def lbf(top, k=K):
    t = np.zeros_like(P)
    for b in range(B): t[b, top[b]] = P[b, top[b]]; t[b, Y[b]] += 1
    return t / t.sum(-1, keepdims=True)
tl = lbf(TOP); put("lbf paper K2", lambda z: kl(tl, sm(z)).mean(), (Q - tl) / B, target=tl.tolist())
tr = np.zeros_like(P)
for b in range(B): tr[b, TOP[b]] = P[b, TOP[b]] / P[b, TOP[b]].sum()
E_ = np.eye(V)[Y]
put("lbf code K2 (.9 CE + .1 KL)", lambda z: .9 * -(E_ * lsm(z)).sum(-1).mean() + .1 * kl(tr, sm(z)).mean(), (Q - .9 * E_ - .1 * tr) / B)

# --- Tang -------------------------------------------------------------------------------------
print("\n== Tang et al.")
pt = np.repeat((1 - P[[0, 1], Y])[:, None] / (V - 1), V, 1); pt[[0, 1], Y] = P[[0, 1], Y]
put("kd-pt", lambda z: kl(pt, sm(z)).mean(), (Q - pt) / B, target=pt.tolist())
tk = np.stack([np.full(V, (1 - P[b, TOP[b]].sum()) / (V - K)) for b in range(B)])
sm_all = np.zeros_like(P)
for b in range(B):
    tk[b, TOP[b]] = P[b, TOP[b]]
    sm_all[b] = (1 - P[b, TOP[b]].sum()) / V; sm_all[b, TOP[b]] += P[b, TOP[b]]
put("kd-topk K2", lambda z: kl(tk, sm(z)).mean(), (Q - tk) / B, target=tk.tolist())
put("smoothing (rest over all V)", lambda z: kl(sm_all, sm(z)).mean(), (Q - sm_all) / B, target=sm_all.tolist())
W = np.array([[1., .2], [.7, .7], [-.3, 1.], [.1, -1.], [-1., -.4]])
Wn = W / np.linalg.norm(W, axis=1, keepdims=True); sim = sm((Wn @ Wn.T)[Y], .3)
put("kd-sim tau.3", lambda z: kl(sim, sm(z)).mean(), (Q - sim) / B, W=W.tolist(), target=sim.tolist())
grp = np.array([0, 0, 1, 1, 1]); rel = np.zeros_like(P)
for b in range(B):
    same = grp == grp[Y[b]]; rel[b] = np.where(same, .1, (1 - .7 - .1 * (same.sum() - 1)) / (~same).sum()); rel[b, Y[b]] = .7
put("kd-rel .7 .1", lambda z: kl(rel, sm(z)).mean(), (Q - rel) / B, groups=grp.tolist(), target=rel.tolist())

# --- DKD --------------------------------------------------------------------------------------
print("\n== DKD")
def dkd(z, a, be, T, w=False):
    q, p = sm(z, T), sm(ZT, T); o = 0.
    for b in range(B):
        y = Y[b]; m = np.arange(V) != y
        tc = p[b, y] * math.log(p[b, y] / q[b, y]) + (1 - p[b, y]) * math.log((1 - p[b, y]) / (1 - q[b, y]))
        nc = kl(p[b, m] / p[b, m].sum(), q[b, m] / q[b, m].sum())
        o += a * tc + be * ((1 - p[b, y]) if w else 1.) * nc
    return T * T * o / B
def dkdg(a, be, T):
    q, p = sm(Z, T), sm(ZT, T); g = np.zeros_like(Z)
    for b in range(B):
        y = Y[b]; d = q[b, y] - p[b, y]
        g[b] = -a * d * q[b] / (1 - q[b, y]) + be * (q[b] / (1 - q[b, y]) - p[b] / (1 - p[b, y])); g[b, y] = a * d
    return T * g / B
put("dkd a1 b8 T4", lambda z: dkd(z, 1, 8, 4.), dkdg(1, 8, 4.)); put("dkd a1 b2 T1", lambda z: dkd(z, 1, 2, 1.), dkdg(1, 2, 1.))
assert abs(dkd(Z, 1, 1, 1., w=True) - kl(P, Q).mean()) < 1e-14      # KL = TCKD + (1 - p_y) NCKD

# --- exact expectations over all outcomes of N = 3 draws ----------------------------------------
print("\n== expected gradients over all outcomes of 3 draws (row by row), relative to the dense one")
def outcomes(p, n):
    for c in itertools.product(range(n + 1), repeat=len(p)):
        if sum(c) == n:
            w = math.factorial(n)
            for k_, pi in zip(c, p): w *= pi ** k_ / math.factorial(k_)
            yield np.array(c, F) / n, w
def expect(b, grad, p=None):
    p = P[b] if p is None else p
    return sum(w * grad(t) for t, w in outcomes(p, 3))
for b in range(B):
    q, p, y = Q[b], P[b], Y[b]; py = p[y]; oth = np.arange(V) != y
    def g_dkd_exact(t, a=1., be=2.):          # exact p_y ("label"), 1 / (1 - p_y)
        u = np.where(oth, t, 0) / (1 - py); s = u.sum()
        g = -a * (q[y] - py) * q / (1 - q[y]) + be * (s * q / (1 - q[y]) - u); g[y] = a * (q[y] - py); return g
    def g_dkd_ratio(t, a=1., be=2.):          # p_y and 1 - p_y both from the counts
        if t[y] == 1: u, s = np.zeros(V), 0.
        else: u = np.where(oth, t, 0) / (1 - t[y]); s = 1.
        g = -a * (q[y] - t[y]) * q / (1 - q[y]) + be * (s * q / (1 - q[y]) - u); g[y] = a * (q[y] - t[y]); return g
    ref = dkdg(1, 2, 1.)[b] * B
    r = lambda g, ref: np.linalg.norm(g - ref) / np.linalg.norm(ref)
    print(f"row {b}: fkl {r(expect(b, lambda t: q - t), q - p):.1e}  lbf {r(expect(b, lambda t: q - (t + np.eye(V)[y]) / 2), q - (p + np.eye(V)[y]) / 2):.1e}"
          f"  kd-pt {r(expect(b, lambda t: q - np.where(oth, (1 - t[y]) / (V - 1), t[y])), q - pt[b]):.1e}"
          f"  dkd label {r(expect(b, g_dkd_exact), ref):.1e}  dkd ratio {r(expect(b, g_dkd_ratio), ref):.4f}"
          f"  jsd.5 {r(expect(b, lambda t: cr(q, .5 * np.log(q / (.5 * t + .5 * q)))), cr(q, .5 * np.log(q / (.5 * p + .5 * q)))):.3f}"
          f"  srkl.1 {r(expect(b, lambda t: cr(q, np.log(q / (.9 * t + .1 * q)) - .1 * q / (.9 * t + .1 * q))), cr(q, np.log(q / (.9 * p + .1 * q)) - .1 * q / (.9 * p + .1 * q))):.3f}"
          f"  tvd {r(expect(b, lambda t: cr(q, .5 * np.sign(q - t))), cr(q, .5 * np.sign(q - p))):.3f}")
    gm = .5; ph = p ** gm / (p ** gm).sum()
    for got, ref_ in ((expect(b, lambda t: q - t), q - p), (expect(b, lambda t: q - (t + np.eye(V)[y]) / 2), q - (p + np.eye(V)[y]) / 2),
                      (expect(b, lambda t: q - np.where(oth, (1 - t[y]) / (V - 1), t[y])), q - pt[b]), (expect(b, g_dkd_exact), ref),
                      (expect(b, lambda t: q - t, ph), q - ph)):
        assert np.abs(got - ref_).max() < 1e-14
    assert r(expect(b, g_dkd_ratio), ref) > 1e-3
    print(f"       ttm.5 matched {r(expect(b, lambda t: q - t, ph), q - ph):.1e}  plugged {r(expect(b, lambda t: q - t ** gm / (t ** gm).sum()), q - ph):.3f}")

# --- TTM ----------------------------------------------------------------------------------------
print("\n== TTM / WTTM")
for gm in (.3, .6):
    U = (P ** gm).sum(-1); ph = P ** gm / U[:, None]
    assert np.abs(ph - sm(ZT, 1 / gm)).max() < 1e-14
    assert np.abs(U - np.exp(lse(gm * ZT) - gm * lse(ZT)).ravel()).max() < 1e-13
    put(f"ttm g{gm}", lambda z: kl(ph, sm(z)).mean(), (Q - ph) / B, U=U.tolist())
    put(f"wttm g{gm}", lambda z: (U * kl(ph, sm(z))).mean(), U[:, None] * (Q - ph) / B)

# --- PLD ----------------------------------------------------------------------------------------
print("\n== PLD")
def order(b): return [int(Y[b])] + [int(i) for i in np.argsort(-ZT[b], kind="stable") if i != Y[b]]
def pld(z, tau=1., Kp=V, al=None):
    o_ = 0.
    for b in range(B):
        o = order(b); a = sm(ZT, tau)[b, o] if al is None else al; s = z[b, o]
        for k in range(Kp): o_ += a[k] * (float(lse(s[k:])[0]) - s[k])
    return o_ / B
def pldg(tau=1., Kp=V):
    g = np.zeros_like(Z)
    for b in range(B):
        o = order(b); a = sm(ZT, tau)[b, o]; q = Q[b, o]
        R = np.cumsum(q[::-1])[::-1]                       # mass of this place and all after it
        c = np.cumsum(np.where(np.arange(V) < Kp, a / R, 0))
        g[b, o] = q * c - np.where(np.arange(V) < Kp, a, 0)
    return g / B
put("pld", lambda z: pld(z), pldg(), order=[order(b) for b in range(B)]); put("pld tau2", lambda z: pld(z, 2.), pldg(2.))
put("pld K3", lambda z: pld(z, Kp=3), pldg(Kp=3))
assert abs(pld(Z, Kp=1, al=[1.]) + lsm(Z)[[0, 1], Y].mean()) < 1e-14
assert abs(pld(Z + 3.7) - pld(Z)) < 1e-13

# --- AKL -----------------------------------------------------------------------------------------
print("\n== AKL")
def aklw(mu=.5):
    w = []
    for b in range(B):
        o = np.argsort(-P[b], kind="stable"); tail = np.cumsum(P[b, o]) > mu; tail[0] = False
        e = np.abs(P[b, o] - Q[b, o]); w.append(e[~tail].sum() / e.sum())
    return np.array(w)
w = aklw(); put("akl mu.5", lambda z: (w * kl(P, sm(z)) + (1 - w) * kl(sm(z), P)).mean(), w[:, None] * dense("fkl")[1] + (1 - w)[:, None] * dense("rkl")[1], w_head=w.tolist())

# --- mix -----------------------------------------------------------------------------------------
print("\n== mix by entropy")
HT = -(P * np.log(P)).sum(-1); hi = (HT > 1.23)[:, None]
for n, form in (("mix H1.23", dense), ("mix H1.23 bucket", bucket)):
    def rows(d, z, form=form):          # of each row, from means of two
        one = np.zeros(B)
        for b in range(B):
            keep = [b, b]; global P, TOP
            sp, st = P, TOP; P, TOP = P[keep], TOP[keep]; one[b] = form(d)[0](z[keep]); P, TOP = sp, st
        return one
    put(n, lambda z, rows=rows: (rows("rkl", z) + hi[:, 0] * rows("fkl", z)).mean(), form("rkl")[1] + hi * form("fkl")[1])

# --- TAD -----------------------------------------------------------------------------------------
print("\n== TAD (tail-aware)")
a_t = np.array([1 - P[b, TOP[b]].sum() for b in range(B)]); bX = 2 / a_t.mean()
def tad(z, bx):
    q = sm(z); o = 0.
    for b in range(B):
        t, u = P[b, TOP[b]], q[b, TOP[b]]; m = np.ones(V, bool); m[TOP[b]] = False
        tr, ur = 1 - t.sum(), 1 - u.sum()
        o += (t * np.log(t / u)).sum() + tr * math.log(tr / ur) + bx * tr * kl(P[b, m] / tr, q[b, m] / ur)
    return o / B
g = Q - P
for b in range(B):
    m = np.ones(V, bool); m[TOP[b]] = False
    g[b, m] += (bX - 1) * (Q[b, m] * a_t[b] / (1 - Q[b, TOP[b]].sum()) - P[b, m])
put("tad K2 beta2 (rows = a sequence)", lambda z: tad(z, bX), g / B, beta_X=bX)
assert abs(tad(Z, 1.) - kl(P, Q).mean()) < 1e-14 and abs(tad(Z, 0.) - bucket("fkl")[0](Z)) < 1e-14

# --- ULD -----------------------------------------------------------------------------------------
print("\n== ULD")
ZT6 = np.hstack([ZT, [[.4], [-2.]]])                       # the teacher's vocabulary has 6 ids
def uld(z):
    q, p = -np.sort(-np.hstack([sm(z), np.zeros((B, 1))]), 1), -np.sort(-sm(ZT6), 1)
    return np.abs(q - p).sum(-1).mean()
o = np.argsort(-Q, 1, kind="stable"); ps = -np.sort(-sm(ZT6), 1); gu = np.zeros_like(Z)
for b in range(B): gu[b, o[b]] = np.sign(Q[b, o[b]] - ps[b, :V])
put("uld 5 vs 6", uld, cr(Q, gu) / B, zt6=ZT6.tolist())
def uldk(z):
    q = -np.sort(-sm(z), 1); return (np.abs(q[:, :2] - ps[:, :2]).sum(1) + q[:, 2:].sum(1)).mean()
put("uld top2, zero tail", uldk)

# --- GLD -----------------------------------------------------------------------------------------
print("\n== GLD (two positions of one window)")
def feat(z, k, mean): Zk = -np.sort(-z, 1)[:, :k]; return Zk, (Zk.T @ Zk.sum(1)) * (1 / k if mean else 1)
def gld(z, k=3, mean=True): return np.abs(-np.sort(-feat(z, k, mean)[1]) + np.sort(-feat(ZT6, k, mean)[1])).sum()
def gldg(k=3, mean=True):
    Zk, f = feat(Z, k, mean); ft = -np.sort(-feat(ZT6, k, mean)[1]); o = np.argsort(-f, kind="stable")
    s = np.zeros(k); s[o] = np.sign(f[o] - ft); c = 1 / k if mean else 1
    G = c * (Zk.sum(1)[:, None] * s[None] + (Zk @ s)[:, None]); g = np.zeros_like(Z)
    np.put_along_axis(g, np.argsort(-Z, 1, kind="stable")[:, :k], G, 1); return g
put("gld k3 mean", gld, gldg(), f_student=feat(Z, 3, True)[1].tolist(), f_teacher=feat(ZT6, 3, True)[1].tolist())
put("gld k3 sum", lambda z: gld(z, 3, False), gldg(3, False))

# --- SinKD ---------------------------------------------------------------------------------------
print("\n== SinKD")
def sink(Wm, eps=.1, n=20):
    P_ = np.exp(-Wm / eps); tr_ = []
    for _ in range(n):
        for ax in (1, 0): s = P_.sum(ax, keepdims=True); P_ = P_ / s; tr_.append((ax, s, P_))
    return P_, tr_
def cost(q, p): return np.abs(q[:, None] - p[None]).sum(-1)
def sinkd(z, T=2.): Wm = cost(sm(z, T), sm(ZT, T)); return (sink(Wm)[0] * Wm).sum()
def sinkg(T=2., eps=.1):
    q, p = sm(Z, T), sm(ZT, T); Wm = cost(q, p); K0 = np.exp(-Wm / eps); Pn, tr_ = sink(Wm, eps)
    A = Wm.copy()                                          # dL/dP
    for ax, s, after in reversed(tr_): A = (A - (A * after).sum(ax, keepdims=True)) / s
    Wb = Pn + A * K0 * (-1 / eps)
    detached = cr(q, (Pn[:, :, None] * np.sign(q[:, None] - p[None])).sum(1), T)
    return cr(q, (Wb[:, :, None] * np.sign(q[:, None] - p[None])).sum(1), T), Wm, Pn, detached
gs, Wm, Pn, gd = sinkg()
put("sinkd T2 eps.1 n20", sinkd, gs, cost=Wm.tolist(), plan=Pn.tolist(), gradient_detached=gd.tolist())
print("  cost", Wm.round(10).tolist(), "plan", Pn.round(10).tolist())

# --- DHKD ----------------------------------------------------------------------------------------
print("\n== DHKD")
sg = lambda x: 1 / (1 + np.exp(-x)); ta = 2.
put("dhkd binarykl", lambda z: ta * ta * (sg(ZT / ta) * np.log(sg(ZT / ta) / sg(z / ta)) + sg(-ZT / ta) * np.log(sg(-ZT / ta) / sg(-z / ta))).sum() / B, ta * (sg(Z / ta) - sg(ZT / ta)) / B)
def lc(x): x = np.abs(x); return x + np.log1p(np.exp(-2 * x)) - math.log(2)
put("dhkd binarykl-norm", lambda z: ta * ta * lc((z - ZT) / (2 * ta)).sum() / B, ta / 2 * np.tanh((Z - ZT) / (2 * ta)) / B)
gc, gk = np.array([2., -1., .5, 0.]), np.array([-1., 1., 0., 3.])   # last entry: a parameter of the second head only
d = gc @ gk; gm_ = gc + (gk - d / (gc @ gc) * gc if d < 0 else gk)
print("  align", d, gm_); OUT["dhkd alignment"] = {"g_ce": gc.tolist(), "g_kd": gk.tolist(), "merged": gm_.tolist()}

# --- DIST, MSE -----------------------------------------------------------------------------------
print("\n== DIST, MSE")
def pear(a, b): a = a - a.mean(1, keepdims=True); b = b - b.mean(1, keepdims=True); return (a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1) + 1e-8)
Z3, T3 = np.vstack([Z, [[-.5, .6, .1, -1.1, 1.2]]]), np.vstack([ZT, [[.2, 1., -.7, -.3, .5]]])
inter = lambda z: 1 - pear(sm(z), sm(T3)).mean(); intra = lambda z: 1 - pear(sm(z).T, sm(T3).T).mean()
put("dist inter (3 rows)", inter, fd(inter, Z3.copy()), x=Z3, z3=Z3.tolist(), t3=T3.tolist()); put("dist intra (3 rows)", intra, fd(intra, Z3.copy()), x=Z3)
put("mse", lambda z: ((z - ZT) ** 2).mean(), 2 * (Z - ZT) / (B * V))
c = lambda a: a - a.mean(-1, keepdims=True)
put("mse centred", lambda z: (c(z - ZT) ** 2).mean(), 2 * c(Z - ZT) / (B * V))

# --- TopKD ---------------------------------------------------------------------------------------
print("\n== TopKD (constants are ours)")
def tsm(zt, Kk=2, wmax=2., wl=2., eta=.1):
    o_ = zt.copy()
    for b in range(B):
        o = np.argsort(-zt[b], kind="stable"); top = o[:Kk]; D = eta * (zt[b, top].mean() - zt[b, o[Kk:]].mean())
        for r_, i in enumerate(top): o_[b, i] = zt[b, i] * (wmax + (1 - wmax) * r_ / max(Kk - 1, 1)) + D
        if o[0] != Y[b]: o_[b, Y[b]] = zt[b, Y[b]] * wl + D
    return o_
zs = tsm(ZT); print("  scaled", zs.tolist())
def groups(b): o = np.argsort(-zs[b], kind="stable"); return o[:2], o[-2:], o[2:-2]
cos = lambda u, v: u @ v / max(np.linalg.norm(u) * np.linalg.norm(v), 1e-8)
tdl = lambda z: 1 - np.mean([sum(cos(z[b, G], zs[b, G]) for G in groups(b)) for b in range(B)])
gt = np.zeros_like(Z)
for b in range(B):
    for G in groups(b):
        u, v = Z[b, G], zs[b, G]; nu, nv = np.linalg.norm(u), np.linalg.norm(v)
        gt[b, G] -= v / (nu * nv) - (u @ v) * u / (nu ** 3 * nv)
put("topkd tdl", tdl, gt / B, scaled=zs.tolist())
def con(z, tau=1.): S = z @ ZT.T / tau; return .5 * -(lsm(S)[[0, 1], [0, 1]].mean() + lsm(S.T)[[0, 1], [0, 1]].mean())
S = Z @ ZT.T; put("topkd contrastive", con, .5 * ((sm(S) - np.eye(B)) + (sm(S.T) - np.eye(B)).T) / B @ ZT)

# --- what a top-K store with scalars serves ------------------------------------------------------
print("\n== from a top-2 store with scalars")
def pldk(z):
    o_ = 0.
    for b in range(B):
        o = [int(Y[b])] + [int(i) for i in TOP[b] if i != Y[b]]; rest = [j for j in range(V) if j not in o]
        s = z[b, o + rest]
        for k in range(len(o)): o_ += P[b, o[k]] * (float(lse(s[k:])[0]) - s[k])
    return o_ / B
gp = np.zeros_like(Z)
for b in range(B):
    o = [int(Y[b])] + [int(i) for i in TOP[b] if i != Y[b]]; out = np.ones(V, bool); out[o] = False
    R_, c_, run_ = [], 0., Q[b, out].sum()
    for i in reversed(o): run_ += Q[b, i]; R_.insert(0, run_)
    for i, r_ in zip(o, R_): c_ += P[b, i] / r_; gp[b, i] = Q[b, i] * c_ - P[b, i]
    gp[b, out] = Q[b, out] * c_
put("pld top2 store, label recorded", pldk, gp / B)
def dkdk(z, a=1., be=2.):
    q = sm(z); o_ = 0.
    for b in range(B):
        y = Y[b]; py = P[b, y]; ids = [i for i in TOP[b] if i != y]
        tr, ur = 1 - py - P[b, ids].sum(), 1 - q[b, y] - q[b, ids].sum()
        t = np.append(P[b, ids], tr) / (1 - py); u = np.append(q[b, ids], ur) / (1 - q[b, y])
        o_ += a * (py * math.log(py / q[b, y]) + (1 - py) * math.log((1 - py) / (1 - q[b, y]))) + be * kl(t, u)
    return o_ / B
gdk = np.zeros_like(Z)
for b in range(B):
    y = Y[b]; py = P[b, y]; ids = [i for i in TOP[b] if i != y]; d = Q[b, y] - py
    tr, ur = 1 - py - P[b, ids].sum(), 1 - Q[b, y] - Q[b, ids].sum(); u = Q[b] / (1 - Q[b, y])
    gdk[b] = -d * u + 2 * (u - tr / (1 - py) * Q[b] / ur); gdk[b, ids] = -d * u[ids] + 2 * (u[ids] - P[b, ids] / (1 - py)); gdk[b, y] = d
put("dkd a1 b2 top2 bucket, label", dkdk, gdk / B)
gm = .5; U = (P ** gm).sum(-1); tt = np.stack([P[b, TOP[b]] ** gm / U[b] for b in range(B)])
def ttmk(z):
    q = sm(z); o_ = 0.
    for b in range(B):
        u = q[b, TOP[b]]; t = tt[b]; o_ += (t * np.log(t / u)).sum() + (1 - t.sum()) * math.log((1 - t.sum()) / (1 - u.sum()))
    return o_ / B
gtt = np.zeros_like(Z)
for b in range(B):
    u = Q[b, TOP[b]]; gtt[b] = Q[b] * (tt[b].sum() - u.sum()) / (1 - u.sum()); gtt[b, TOP[b]] = u - tt[b]
put("ttm g.5 top2 bucket, power recorded", ttmk, gtt / B, U=U.tolist())
assert ttmk(Z) <= kl(P ** gm / U[:, None], Q).mean()
a_, b_ = .2, .7                                             # AB: rest spread as the student's, a constant target
T_ = np.zeros_like(P)
for b in range(B):
    m = np.ones(V, bool); m[TOP[b]] = False
    T_[b] = P[b]; T_[b, m] = (1 - P[b, TOP[b]].sum()) * Q[b, m] / Q[b, m].sum()
f_, fq_ = DIV("ab", a_, b_)
put("ab .2 .7 top2 spread", lambda z: f_(T_, sm(z)).sum(-1).mean(), cr(Q, fq_(T_, Q)) / B, target=T_.tolist())

# SinKD from the top-2 sets, zero tail, T = 1: a constant and corrections on the sets
def scost(q):
    Wm = np.zeros((B, B))
    for i in range(B):
        for j in range(B): u = q[i, TOP[j]]; Wm[i, j] = np.abs(u - P[j, TOP[j]]).sum() + 1 - u.sum()
    return Wm
def sks(z): Wm = scost(sm(z)); return (sink(Wm)[0] * Wm).sum()
Wm = scost(Q); K0 = np.exp(-Wm / .1); Pn, tr_ = sink(Wm); A = Wm.copy()
for ax, s_ax, after in reversed(tr_): A = (A - (A * after).sum(ax, keepdims=True)) / s_ax
Wb = Pn - A * K0 / .1; gg = np.zeros_like(Z)
for i in range(B):
    for j in range(B): gg[i, TOP[j]] -= Wb[i, j] * (1 - np.sign(Q[i, TOP[j]] - P[j, TOP[j]]))
put("sinkd top2 zero tail T1", sks, cr(Q, gg), cost=Wm.tolist())

# --- LLP -----------------------------------------------------------------------------
print("\n== LLP")
s_, t_ = np.array([[.52, .61, .18, .40, .75], [.33, .27, .90, .58, .45]]), np.array([[.80, .55, .12, .47, .30], [.25, .38, .70, .66, .10]])
put("llp-d", lambda s: kl(sm(t_), sm(s)).mean(), (sm(s_) - sm(t_)) / 2, x=s_, student=s_.tolist(), teacher=t_.tolist())
prs = list(itertools.combinations(range(5), 2)); dl = .1
def llpr(s):
    o_ = 0.
    for b in range(2):
        for i, j in prs:
            r_ = 1 if t_[b, i] > t_[b, j] + dl else -1 if t_[b, i] < t_[b, j] - dl else 0
            o_ += max(0., -r_ * (s[b, i] - s[b, j]) + dl)
    return o_ / (2 * len(prs))
gl = np.zeros_like(s_)
for b in range(2):
    for i, j in prs:
        r_ = 1 if t_[b, i] > t_[b, j] + dl else -1 if t_[b, i] < t_[b, j] - dl else 0
        if r_ and -r_ * (s_[b, i] - s_[b, j]) + dl > 0: gl[b, i] -= r_; gl[b, j] += r_
put("llp-r margin .1", llpr, gl / 20, x=s_)
json.dump(OUT, open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "objectives.json"), "w"), indent=1)
print("all checks passed,", len(OUT), "entries")
