"""German words of job titles. Format: `scoring.titles_data.lexicon`."""

TABLE = """
former              | ehemalig*, rentner*, pensionar*, ruhestand, privat, hausfrau, arbeitslos*, arbeitssuchend*, ir
former              | keine angabe*, keine daten
owner executive?    | inhaber*, gesellschafter*, geschaftsfuhrend* gesellschafter*, grunder*, mitgrunder*
owner executive?    | eigentumer*, selbststandig*, selbstandig*, unternehmer, unternehmerin, mitinhaber*, teilhaber*
owner executive?    | firmeninhaber*, firmengrunder*, einzelunternehm*, gesellschafter geschaftsfuhrer*
owner executive?    | freiberufler*, komplementar*
c_level executive?  | geschaftsfuhrer*, geschaftsfuhrung*, geschaftsfuhrend*, geschaftsleit*, gf, vorstand*
c_level executive?  | aufsichtsrat*, verwaltungsrat*, geschaftsfuhrend* direktor*, prasident, prasidentin
c_level executive?  | generaldirektor*, mitglied geschaftsleit*, mitglied vorstand*, unternehmensleit*, beirat*
c_level executive?  | mitglied aufsichtsrat*, alleinvorstand, hauptgeschaftsfuhr*, alleingeschaftsfuhr*
c_level executive?  | ceo geschaftsfuhr*
c_level finance     | kaufmannisch* geschaftsfuhr*, kaufm geschaftsfuhr*, kfm geschaftsfuhr*, finanz vorstand*
c_level finance     | finanzen vorstand*
c_level engineering | technisch* geschaftsfuhr*, techn geschaftsfuhr*, technik vorstand*
c_level hr          | arbeitsdirektor*
vp                  | vizeprasident*
vp executive        | vize geschaftsfuhrer*
director            | direktor*, direktion*, prokurist*, prok, ppa
head                | leiter, leiterin, leitung, leitungs, ltr, ltg, leit, leiters, chefin, vorsteher*
head                | abteilung* leiter*, abteilung* leitung, bereich* leiter*, bereich* leitung, amts leiter*
head                | fachbereich* leiter*, hauptabteilung* leiter*, sparten leiter*, ressort leiter*
head                | niederlassung* leiter*, standort* leiter*, niederlassung* leitung
head finance        | kaufmannisch* leit*, kfm leit*, kaufm leit*, kaufmannisch* direktor*, oberbuchhalter*
head finance        | haupt buchhalter*, chef buchhalter*
head engineering    | technisch* leiter*, technisch* leitung, techn leiter*, chef ingenieur*, chef entwickler*
head engineering    | chef konstrukteur*
head operations     | betriebs leiter*, betriebs leitung, betriebsleit*, werk* leiter*, werk* leitung, werks leiter*
head education      | schul leiter*, schul leitung, rektor, rektorin, institut* leiter*, dekan*, kita leit*
head education      | studiendirektor*
head procurement    | chef einkaufer*, chefeinkaufer*
head marketing      | chef redakteur*, chefredakteur*
manager             | team leiter*, team leitung, gruppe* leiter*, gruppe* leitung, projekt* leiter*
manager             | projekt* leitung, schicht* leiter*, programm leiter*, segment leiter*, managerin
manager             | fachgruppe* leiter*, sachgebiet* leiter*, referats leiter*, gebiet* leiter*, bau leiter*
manager             | bauleit*, objekt leiter*, vorarbeiter*, meister, meisterin, disponent leiter*, gruppenleit*
manager operations  | lager leiter*, lager leitung, produktions meister*, schicht fuhrer*, buro leiter*
manager operations  | buro leitung, office managerin
manager sales       | filial* leiter*, filial* leitung, markt leiter*, gebiets leiter*, bezirks leiter*
manager sales       | gebietsverkaufs leiter*, regional* leiter*, gebiets vertriebs leiter*, kundenberater leiter*
senior              | leitend*, erfahren*, oberingenieur*, oberarzt*, chefarzt*, hauptreferent*
senior engineering? | architekt, architektin
senior education    | professorin
staff               | mitarbeit*, sachbearbeit*, referent*, berater*, spezialist*, fachkraft, koordinator*
staff               | angestellt*, techniker*, beauftragt*, betreuer*, experte*, expertin*, beamt*, fachmann
staff               | kaufmann*, kauffrau*, kaufleute, kfm, analystin*, planer*, administrator*, arzt, arztin
staff               | redakteur*, mechatroniker*, mechaniker*, elektriker*, elektroniker*, spezialistin, pfleger*
staff               | meisterschuler, arbeiter*, fahrer*, handwerker*, steward*, dolmetscher*, ubersetzer*
staff               | wissenschaftl*, industriekauf*, industrie kauf*, sprecher*, betriebsrat*
staff               | betriebsrats vorsitzend*
staff sales         | vertriebs mitarbeit*, vertriebler*, verkaufer*, aussendienst* mitarbeit*, aussendienstler*
staff sales         | handelsvertret*, vertret*, vertriebs ingenieur*, vertriebs beauftragt*, vertriebs berater*
staff sales         | kunden berater*, kundenberat*, fachverkauf*, fach verkaufer*, gebiets vertret*
staff sales         | vertriebs innendienst*, sales managerin assistent*, kassierer*, immobilienmakler*, makler*
staff engineering   | entwickler*, programmierer*, konstrukteur*, softwareingenieur*, informatiker, informatikerin
staff engineering   | tester*, zeichner*, technisch* zeichner*, physiker*, chemiker*, statiker*, datenanalyst*
staff engineering   | entwicklungs ingenieur*
staff engineering?  | ingenieur*, ing, dipl ing, wirtschaftsingenieur*
staff it            | fachinformatiker*, system administrator*, systemadmin*, netzwerk administrator*
staff it            | it administrator*, edv*, it betreu*, wirtschaftsinformatik*, netzwerkadmin*, system techniker*
staff it            | anwendungsbetreuer*
staff finance       | buchhalter*, bilanzbuchhalter*, controllerin, steuerberater*, wirtschaftspruf*, steuerfach*
staff finance       | lohnbuchhalt*, revisor*, steuer berater*, bankkauf*, bank kauf*, finanz buchhalter*, kreditor*
staff finance       | debitor*
staff legal         | rechtsanwalt*, rechts anwalt*, anwalt*, jurist, juristin, syndik*, justiziar*, justitiar*
staff legal         | notar, notarin, datenschutz beauftragt*, datenschutzbeauftragt*, compliance beauftragt*
staff legal         | rechts referent*, rechtsreferent*
staff operations    | disponent*, lagerist*, logistiker*, arbeitsvorbereit*, empfang*, burokauf*, buro kauf*
staff operations    | burokraft, verwaltungs angestellt*, qualitatsmanagement beauftragt*, qualitats beauftragt*
staff operations    | lager mitarbeit*, qmb, hausmeister*, speditionskauf*, rezeption*, speditions kauf*
staff operations    | maschinenfuhr*, anlagenfuhr*, monteur*, staplerfahrer*, zerspanung*
staff hr            | personal referent*, personaler*, personal sachbearbeit*, personal berater*, recruiterin
staff hr            | personalvermittl*
staff procurement   | einkaufer*, einkaufs mitarbeit*, beschaffer*, category managerin
staff education     | lehrer*, dozent*, ausbilder*, erzieher*, padagog*, lehrkraft, lehrbeauftragt*, hochschullehr*
staff education     | trainerin, hochschuldozent*, studienrat*, oberstudienrat*, wissenschaftlich* mitarbeit*
staff support       | kundendienst mitarbeit*, kunden betreuer*, kundenbetreu*, kundendiensttechnik*
staff support       | service techniker*, servicetechnik*
manager product     | produkt* manager*
aide                | assistenz, assistenz geschaft*, sekretar*, sekretariat*, vorstands assistent*, chef sekretar*
aide                | buro assistent*, team assistent*, direktions assistent*, chefassistent*, vorzimmer*
aide                | assistenz leitung, projekt assistenz, team assistenz, buroassisten*
aide                | geschaftsfuhrungs assistent*, teamassisten*, fremdsprachensekretar*, referent* geschaftsfuhr*
aide                | referent* vorstand*, referent* geschaftsleit*
assistant           | assistent, assistentin, assistentinnen, assi, hilfskraft, helfer*, aushilfe
deputy              | stellv, stv, stellvertret*, vertretung, stellvertreter*, vize
junior              | nachwuchs*, volontar*, absolvent*, berufseinsteiger*, traineeprogramm
intern              | praktikant*, praktikum, werkstudent*, werk student*, studentin, azubi*, auszubildend*
intern              | lehrling*, studentisch*, umschuler*, dual* student*, duale*, diplomand*, bachelorand*
intern              | masterand*, schuler, schulerin, studierend*, werksstudent*, doktorand*
- sales             | vertrieb*, verkauf*, aussendienst*, innendienst*, absatz*, geschaftsentwickl*, kundenakquise
- sales             | grosskunden*, vertriebs innendienst, key accounter, key account*, handel*, filial*
- sales             | einzelhandel*, kundenbeziehung*
- marketing         | werbung*, offentlichkeits*, presse*, kommunikation*, unternehmenskommunikation*, markt*
- marketing         | produktmarketing*, veranstaltung*, offentlichkeitsarbeit, medien*, grafik*, onlinemarketing*
- marketing         | redaktion*, marke, marken
- engineering       | entwicklung*, f&e, konstruktion*, forschung*, software*, forschung & entwicklung
- engineering       | forschung und entwicklung, elektrokonstrukt*, informatik, elektronik*, produkt* entwicklung
- engineering       | produkt* entwickler*, produktentwickler*
- engineering?      | technik, technisch*, techn, maschinenbau*, elektro*, ingenieurwesen, bau, verfahrenstechnik*
- engineering?      | anlagenbau, innovation*
- it                | informationstechn*, informationssicher*, netzwerk*, systemintegration, rechenzentrum*
- it                | digitalisierung*, it sicherheit*, system*, wirtschaftsinformatik, anwendung*, it infrastruktur
- it                | itk, datenverarbeitung, edv, it support*, it service*, it helpdesk
- product           | produkt*, produktmanagement
- finance           | finanz*, buchhalt*, rechnungswesen*, controlling*, controll*, steuer*, revision*, finanzbuch*
- finance           | bilanz*, kredit*, kaufmannisch*, bank*, versicherung*, treasury*, lohn* buchhalt*, kaufm
- operations        | produktion*, fertigung*, logistik*, lager*, betrieb*, qualitat*, werk, werks, versand*
- operations        | disposition*, instandhalt*, verwaltung*, produktionsplan*, arbeitssicherheit*
- operations        | materialwirtschaft*, qm, qs, qualitatsmanagement*, qualitatssicher*, supplychain*, montage*
- operations        | buro*, organisation*, prozess*, fuhrpark*, gebaude*, spedition*, wareneingang, umwelt*
- operations        | office*, fabrik*, facility*, transport*, operativ*, backoffice, einkauf lager
- hr                | personal, personal*, recruit*, ausbildungs*, entgelt*, lohn*, personalwesen*, bewerber*
- hr                | gehalt*, weiterbildung*
- legal             | recht*, rechts*, rechtsabteilung*, datenschutz*, compliance*, patent*, vertragsmanagement*
- legal             | vertrags*, justiz*
- procurement       | einkauf*, beschaffung*, zentraleinkauf*, lieferanten*, warengruppe*
- support           | kundendienst*, kundenservice*, kundensupport*, kundenbetreuung*, service*, support*, kunden*
- support           | reklamation*, anwendersupport*, hotline*, kundenzufriedenheit
- education         | schul*, bildung*, hochschul*, universitat*, lehre*, padagogisch*, ausbildung*, akademie*
- education         | fortbildung*, aus & weiterbildung
"""
