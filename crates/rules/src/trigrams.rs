//! How common three bytes in a row are in source code.

/// The 1,024 commonest groups of three bytes in 45 MB of source code and documentation of eight large public projects in
/// C, Ruby, Java, PHP, JavaScript, Rust and shell, commonest first. The bit 0x20 is set in every byte: case is gone, line
/// ends read as `*` and underscores as 0x7f.
#[rustfmt::skip]
const COMMON: &[u8; 3 * 1024] =
    b"\x20  *  ion*))tiocon thing)))the);*he atiass;*)* *ent * serest = str reertlicame {* cotes** rinateed ect\
      or  orterresons**)verender ortproontpri inporonfssensectitrintetornfiiceactstafigimp) {per***ensistfor\
      der lilason {*)ng tatrt int}**getextcenmpoandthiithnam;* ratrearetesstur en toorghiscla)}**/*comersble\
      datse etu ansprfilnot stcatto witabl;**setramileaut*imcheequdefle urnis worappnt  se detextedrg.if pli\
      e lagende  end*.cothoes ---igucurgur ast oope,* valin pre  aurlorkizeallst useica.* rn e tred exerr is\
      ic {* truthaer.menull */)* ervtyp foal atafraype;*implptiss  ma.spe ate itihat a iveg.sack fimewof ies\
      ropngfr tewo\",  wi ofeane, nul*)}is.sionew  #pargfrrefailrk.achuraboo) *  \" undis  }ereoutoid ifid pac\
      expead noe sst\x7fodeouron.patmetlocpecindult)*)ine teainundase # arens optrcence prrt\x7forenneory)re\
      lisrtiste.geppltra/* ootten  r*) linit lies aiteual)).ctoe* : \" **tinf (repnd recvoireqnalre stochauth\
      /**ct ockhttttpure}* eco caan sou neurc() tai  ibut usritaluuto, \" &&nstherticluef t\"); cubeas o.clute\
      rib bener dokeyren))r))  claddalie iargran))} di pa  ctimfin apt cndiimeth   dntin aommirehorexct tpos\
      e o }*tieondtchjeccesn tcorcepe cquelogtre))ativnitathd* gitbaseptquayouibuntrustd**onn\x7fremodetehan\
      \x20cheleenc\x7fcomitts e fginlenord, ss tet lesce ew ();artt\x7fematompot tth*)`rtts, d tinsobjlsesizcal\
      ef   sfacnts\",* acove ar nuonecli,*)maninct iienssiple yoneccrersiilde =))thas on)as.boinimapancavaree\
      edik.btemrigr ae;*rro*)psinatcat \": ot.sedat(runeverve&&* geror lowebuctt;*heamesge uesen ocosonas ang\
      xceharormhenwar)pr));(co trloallo= nhoutocannriveatetat soaduilbuiosttabdleideouninavatde sescoptomnta\
      codalsou ncoon(eraer(s =ut rucd, ilssho sospeemes idit* `ubldeslatbjeatt au.sevenefile\x7ftar&*)adelle\
      lerori labliernivase.pubjav)if.apclu, ce.* met =me let())try  tara ha.ret, ollferwri*}*ethefa\"* \x7fin\
      thrwheese whifill .isrtyckeay )thota(thesory supch secleaaule \"e()faugerialonc \"ass)es.buf va fa jat a\
      racempopydirar nnooinavequi**iromuntsen spninndle rlecuti alenvttes f obregdel)st bycole expe, ty oena\
      \x7feqeriocastsdinfro sin c\x7fstesuoduer\x7faton;*re.d bnclt* ludastne uleed\x7ftilbe , e atecit*)rai\
      altcusinkng.apast* moors it== ).iude weity}*)pentcodulisearruppssaruet rputmayr;*rl\x7fonmnt.ed. /*d u\
      ash war cegie wzerumeby canillignplarras.* ==))scouon\x7fr =sag su))p))iantlon pe= cns.cas buhod://cac\
      tasdocnmet w ba \"semos()fielabanseponge, a2.0scr)vo napoitps\")*te\x7fly ecuiss ims);/li(regred o opace\
      * l(stelsg, e);*)v)  s;*uncinfercrouanyesp===gra\x7fpar, rreoollemermr i : tanrsergermas.c))cuirrs.ene\
      \x7ft crieples(ledd ae\x7ft {`oulkincceuldo* `teu mltemaile. fr htciffalotetiacte \"cponned adl, .**r *\
      ilthin))*t jong* yst.s dampmeromiigh)`ts* hecblot() dae\")n.ce nrem* cve gis)puxt.s re ddedmisee  elesc\
      ecke peedt.aspalderte*)s  {t\x7fsghte*) shied  /nsiarss seasronr esulmmaden},*lizseesslsitonaf ar ods \
      va.e: igi/*)erf ve porevps:nfosha, nh tld rels:/ct\x7f**/d ie.cndpselemadposti* sficdifttrdexdo*imi), \
      \x7fprlideacmmi\x7fnangsnod `aurisuby a, it\x7fcsponk bacd cng,d.*)/*rip()., 0 },ppedete)*numng\x7fetc\
      n, {**sco`cofunbinppoctuitolanet(t) nt\x7f ra -> wr->  { t *\x7fex he  peame) .or\x7fse --";

/// How often groups of three bytes occur, on a scale of its own.
pub(crate) struct Trigrams {
    /// By hash; zero for those that are not common.
    costs: Vec<u32>,
    /// The same of two bytes: of all common groups that start with them.
    pairs: Vec<u32>,
}

const SLOTS: usize = 1 << 15;

impl Trigrams {
    pub(crate) fn new() -> Self {
        let (mut costs, mut pairs) = (vec![0; SLOTS], vec![0; SLOTS]);
        for (rank, three) in (0u32..).zip(COMMON.as_chunks::<3>().0) {
            // Frequencies fall about as Zipf says.
            let cost = &mut costs[slot(three)];
            *cost = (*cost).max(1_000_000 / (rank + 30));
            pairs[slot(&three[..2])] += 1_000_000 / (rank + 30);
        }
        Self { costs, pairs }
    }

    /// How common the first three of these bytes are, whatever their case.
    pub(crate) fn cost(&self, [first, second, third, _]: [u8; 4]) -> u32 {
        self.costs[slot(&[first, second, third])].max(RARE)
    }

    /// How common all four are, were the last independent of the first.
    pub(crate) fn cost_of_four(&self, [first, second, third, fourth]: [u8; 4]) -> u32 {
        let costs =
            [[first, second, third, 0], [second, third, fourth, 0]].map(|three| u64::from(self.cost(three)));
        let pair = self.pairs[slot(&[second, third])].max(8 * RARE);
        u32::try_from(costs[0] * costs[1] / u64::from(pair)).unwrap_or(u32::MAX)
    }
}

/// What is not in the table is rarer than all that is.
const RARE: u32 = 300;

/// Bytes without case in fifteen bits: letters keep apart.
fn slot(bytes: &[u8]) -> usize {
    bytes.iter().fold(0usize, |slot, byte| slot.wrapping_mul(43) ^ usize::from(byte | 0x20)) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_groups_cost_more_than_rare_ones() {
        let trigrams = Trigrams::new();
        assert!(trigrams.cost(*b"the.") > trigrams.cost(*b"tok."));
        assert!(trigrams.cost(*b"THE.") == trigrams.cost(*b"the."));
        assert!(trigrams.cost(*b"exp.") > trigrams.cost(*b"xq7."));
    }
}
