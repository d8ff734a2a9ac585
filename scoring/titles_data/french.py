"""French words of job titles. Format: `scoring.titles_data.lexicon`."""

TABLE = """
former              | ancien, ancienne, retrait*, sans emploi, recherche emploi, demandeu* emploi, honoraire
former              | mere foyer, non renseigne*, pas renseigne*
owner executive?    | fondateur*, fondatrice*, cofondateur*, cofondatrice*, co fondat*, proprietaire*
owner executive?    | chef* entreprise, associe, associee, auto entrepreneu*, autoentrepreneu*, entrepreneu*, patron
owner executive?    | patronne, independant*, dirigeant*, associe gerant*, createur entreprise, associe* gerant*
owner executive?    | gerant* associe*, travailleur independant, micro entrepreneu*, dirigeant* fondat*, artisan*
c_level executive   | pdg, president* directeur general, president* directrice generale, p dg
c_level executive?  | directeur general, directrice generale, dg, direction generale, gerant, gerante, cogerant*
c_level executive?  | co gerant*, presidente, dir general, administrateur delegue, administratrice deleguee
c_level executive?  | membre directoire, directoire, membre comite direction, dirgen, ^ administrateur $
c_level executive?  | ^ administratrice $, administrateur independant, secretaire general*
c_level executive?  | directeur* general* delegue*, directeur executif, directrice executive, president* conseil*
c_level executive?  | president* directoire, codir, comex, membre conseil administration
c_level executive?  | membre conseil surveillance, membre conseil, president* conseil administration
c_level executive?  | president* conseil surveillance
vp executive        | dga, directeur general adjoint, directrice generale adjointe
vp executive        | directeur general delegue adjoint
vp                  | vice presidente, vicepresidente, vice president*
director            | directeur*, directrice*, dir, direction, sous prefet
director finance    | daf, directeur* administrati* et financi*, directrice administrati* et financi*, raf
director hr         | drh
director it         | dsi, dsin
director engineering| directeur* technique*, directrice technique, dt
director marketing  | dircom, directeur* artistique, directrice artistique
director sales      | dirco, directeur* agence, directrice agence, directeur* magasin, directrice magasin
head                | chef* service, chef* departement, chef* division, chef* pole, sous directeur*
head                | sous directrice*
head finance        | expert comptable chef
head education      | proviseur*, principal college, doyen*, recteur*
manager             | responsable*, resp, chef*, superviseu*, encadrant*, cadre, contremaitre, animateur equipe
manager             | manageu*, gestionnaire equipe, chef* projet, chef* equipe, agent maitrise
manager             | coordinateur general
manager finance     | chef* comptable
manager hr          | rrh
manager it          | rssi, chef* projet informatique, chef* projet it, responsable si
manager product     | chef* produit*
manager operations  | chef* atelier, chef* equipe production
manager engineering | chef* chantier, conducteur travaux, conductrice travaux
manager sales       | chef* vente*, chef* secteur, chef* rayon, chef* agence, chef* magasin
manager marketing   | community manager, chef* publicite, chef* projet marketing, chef* projet digital
senior              | confirme, confirmee, experimente*
senior engineering? | architecte*
staff               | charge, chargee, conseiller*, conseillere*, technicien*, consultante, employe, employee, agent
staff               | agente, specialiste*, coordinateu*, coordinatrice*, coordonnateur*, analyste*, gestionnaire*
staff               | animateur*, animatrice*, attache, attachee, delegue, deleguee, ouvrier*, ouvriere*, infirmier*
staff               | infirmiere*, medecin*, redacteur*, redactrice*, operateur*, operatrice*, traducteur*
staff               | traductrice*, journaliste*, chauffeur*, conducteur*, charge*, auditrice, collaborateur*
staff               | collaboratrice*, electricien*, mecanicien*, prestataire, chercheur*, chercheuse*, cuisinier*
staff               | pharmacien*, graphiste independant, fonctionnaire*, guichetier*, experte
staff sales         | ingenieur* commercial*, ingenieur* affaires, technico commercial*, commercial, commerciale
staff sales         | commerciaux, vendeur*, vendeuse*, vrp, attache* commercial*, charge* affaires
staff sales         | charge* clientele, conseiller* clientele, conseillere* clientele, ingenieur* avant vente
staff sales         | tc sedentaire, technicocommercial*, televendeu*, teleprospect*, agent immobilier, negociateur*
staff sales         | caissier*, caissiere*
staff procurement   | acheteur*, acheteuse*, approvisionneu*
staff finance       | comptable*, controleur* gestion, controleuse* gestion, expert comptable, aide comptable
staff finance       | commissaire comptes, tresorier*, tresoriere*, auditeur*, gestionnaire paie compta*
staff finance       | analyste credit, fiscaliste*, actuaire*
staff legal         | juriste*, avocat, avocate, notaire*, clerc*, huissier*, dpo
staff hr            | recruteu*, charge* recrutement, gestionnaire paie, assistante sociale, gestionnaire rh
staff marketing     | graphiste*, webmarketeur*, charge* communication, infographiste*, concepteur* redacteur*
staff marketing     | traffic manageur*, attache* presse, attachee presse
staff engineering   | developpeu*, programmeu*, testeur*, testeuse*, dessinateur*, dessinatrice*, automaticien*
staff engineering   | informaticien developpeu*, projeteur*
staff engineering?  | ingenieur*, ingenieure*, ing
staff it            | administrateur* system*, administratrice system*, administrateur* reseau*
staff it            | technicien* informatique*, informaticien*, webmestre*, administrateur* base*
staff it            | technicien* reseau*, technicienne reseau*, administratrice* reseau*, administratrice* system*
staff operations    | administratif, administrative, magasinier*, logisticien*, accueil, hotesse accueil
staff operations    | agent accueil, cariste*, preparateur commandes, qualiticien*, technicien* qualite
staff operations    | technicien* maintenance, ordonnanceur*, agent production, manutention*, standardiste*
staff operations    | livreur*
staff education     | enseignant*, formateur*, formatrice*, professeu*, instituteur*, institutrice*
staff education     | maitre conferences, educateur*, educatrice*, maitresse ecole, enseignant chercheur
staff education     | conseiller pedagogique, cpe
staff support       | technicien* support, technicienne support, teleconseiller*, teleoperat*, agent support
staff support       | teleconseillere
staff product       | concepteur*, conceptrice*
aide                | assistant* direction, secretaire*, assistant* administrati*, assistant* pdg, assistant* dg
aide                | assistant* polyvalent*, assistant* executi*, assistant* gerant*, assistant* president*
assistant           | assistante, assistantes, assistants, aide
deputy              | adjoint, adjointe, suppleant*, bras droit
junior              | debutant, debutante, jeune diplome*, junior, assistant chef*, assistante chef*
intern              | stagiaire*, alternant*, alternance, apprenti, apprentie, etudiant*, eleve*, stage, doctorant*
intern              | lyceen*
- sales             | vente*, clientele*, developpement commercial*, affaires, commerce*, grands comptes
- sales             | grand compte, comptes cles, avant vente, export*, technico, developpement affaires, compte cle
- sales             | charge* compte*, administration vente*, adv, magasin*, secteur, boutique*
- marketing         | communication*, publicite*, marque*, evenementiel*, presse, numerique marketing, contenu*
- marketing         | relations publiques, medias, webmarketing, acquisition*, relation presse, web marketing
- marketing         | marketing digital, media*, editorial*
- engineering       | developpement*, recherche*, logiciel*, recherche et developpement, bureau etude*, etudes
- engineering       | ingenierie*, donnees, conception*, web, innovation r d, developpement logiciel
- engineering       | developpement web, chantier, scientifique*
- engineering?      | technique*, travaux, mecanique*, innovation*, electricite*, electronique*
- it                | informatique*, systeme* information*, si, reseau*, systeme*, infrastructure*
- it                | transformation digitale, transformation numerique, securite informatique, cybersecurite*
- it                | numerique*, base* donnee*, exploitation informatique, support informatique, parc informatique
- product           | produit*, offre*
- finance           | financi*, comptabilite*, compta, tresorerie*, fiscal*, controle* gestion, facturation*, audit
- finance           | finances, credit*, recouvrement*, administrati* et financi*, administrati* financi*
- finance           | fiscalite*, patrimoine, bancaire*, assurance*, risques
- operations        | production*, logistique*, usine*, qualite*, exploitation*, entrepot*, site industriel*
- operations        | maintenance*, operations, operationnel*, achats logistique, qhse, hse, qse
- operations        | approvisionnement logistique, administration*, planification*, atelier*, fabrication*
- operations        | transport*, services generaux, moyens generaux, supply, methodes, flotte*, stock*, site
- operations        | amelioration continue, environnement, securite environnement
- hr                | ressource* humaine*, rh, recrutement*, paie, formation interne, gestion carriere*, talents
- hr                | personnel, competences, remuneration*
- legal             | juridique*, droit*, conformite*, contentieux, affaires juridiques, protection donnee*
- legal             | contrats, propriete intellectuelle, affaires reglementaires
- procurement       | achat*, approvisionnement*, acheteu*, fournisseur*
- support           | service client*, relation client*, sav, apres vente, support client*, satisfaction client*
- support           | experience client*, clients, support technique, service apres vente, client
- education         | ecole*, enseignement*, formation*, pedagogi*, universite*, lycee*, college*, scolaire*
- education         | education*, academique*
"""
