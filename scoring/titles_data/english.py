"""English words of job titles, and the ones every language borrows. Format: `scoring.titles_data.lexicon`."""

TABLE = """
former              | former, formerly, ex, retired, retiree, ret, unemployed, not working, no data, no title
former              | not applicable, looking work, seeking opportunities, open work
owner executive?    | owner, owners, coowner, co owner, founder, founders, cofounder, co founder, proprietor
owner executive?    | entrepreneur, self employed, selfemployed, business owner, partner $, managing partner
owner executive?    | managing member, principal owner, sole trader, freelance business owner, founding partner
owner executive?    | shareholder, equity partner
c_level executive   | ceo, chief executive, chief executive officer, coceo, group ceo
c_level executive?  | president, chairman, chairwoman, chairperson, chair board, managing director, md, board member
c_level executive?  | member board, board director, board directors, executive director, secretary general
c_level executive?  | supervisory board, executive board, advisory board, c level, c suite, non executive director
c_level executive?  | nonexecutive director, ned, executive chair, chief strategy, chief transformation officer
c_level executive?  | chief innovation officer
c_level engineering | cto, chief technology, chief technical, chief scientific officer, chief engineering officer
c_level it          | cio, ciso, cdo, chief information, chief information security, chief digital, chief data
c_level it          | chief security
c_level finance     | cfo, chief financial, chief finance, chief accounting officer, chief investment officer
c_level operations  | coo, chief operating, chief operations, chief operation, chief supply chain
c_level operations  | chief administrative, cao
c_level marketing   | cmo, chief marketing, chief brand, chief growth, chief communications
c_level hr          | chro, chief people, chief human resources, chief hr, chief talent
c_level sales       | cro, cco, chief revenue, chief commercial, chief sales, chief business
c_level product     | cpo, chief product
c_level legal       | clo, chief legal, chief compliance, general counsel, chief risk officer
c_level procurement | chief procurement, chief purchasing
c_level support     | chief customer, chief experience
director executive  | chief staff
chief               | chief, cheif
vp                  | vp, svp, evp, avp, rvp, gvp, vice president, vicepresident, vice pres, v p, vice chair
vp                  | senior vice president, executive vice president, sr vp, assoc vp, first vice president
vp executive        | deputy ceo, deputy managing director, deputy general manager, vice chairman, vice chairwoman
director            | director, directors, dir, directress
director executive? | general manager, gm, country manager, general mgr, business unit manager, country head
director executive? | country lead
head                | head, superintendent, dept head, controller general
head education      | headmaster, headmistress, headteacher, head teacher, school principal, dean, provost, rector
manager             | manager, managers, mgr, mngr, mgmt, supervisor, team lead, team leader, teamlead, teamleader
manager             | lead $, leader, foreman, management, manageress, group leader, section leader, squad lead
manager             | shift leader, captain, foremen, area manager, district manager, regional manager
manager             | branch manager, project manager, programme manager, program manager, pm, scrum lead
manager executive?  | business manager
manager sales       | store manager, shop manager, account manager, account mgr, key account manager
manager sales       | territory manager, partner manager, channel manager, bdm manager, alliances manager
manager support     | customer success manager, csm
manager operations  | office manager, practice manager, facility manager, facilities manager
manager procurement | category manager
staff operations    | security guard, business analyst, process owner, receptionist, office administrator
staff operations    | storekeeper, stocker, janitor, driver truck, administrative, forklift operator
staff operations    | machine operator, production worker, expediter, admin $, data entry
senior              | senior, sr, snr, lead, principal, fellow, distinguished, chief scientist, master, principal $
senior engineering? | architect, architects, tech lead, technical lead, lead tech, staff engineer
senior engineering? | staff software engineer, staff scientist, staff developer, staff data engineer
senior engineering? | staff data scientist
senior education    | professor, prof
head finance        | chief accountant, chief auditor, financial controller, group controller, corporate controller
head engineering    | chief engineer, chief designer, chief data scientist, chief software architect
head engineering    | chief architect
staff               | specialist, coordinator, co ordinator, analyst, representative, rep, associate, agent, clerk
staff               | officer, operator, administrator, technician, executive, consultant, adviser, advisor, expert
staff               | professional, planner, worker, member, staff, strategist, inspector, practitioner, facilitator
staff               | freelancer, freelance, contractor, evangelist, researcher, nurse, doctor, physician
staff               | pharmacist, driver, journalist, translator, mechanic, electrician, editor, photographer
staff               | writer, scheduler, estimator, surveyor, investigator, dispatcher, examiner, broker, banker
staff               | trader, therapist, psychologist, partner, partners, employee, personal trainer, guard
staff sales         | account executive, account exec, sales executive, sales exec, sales engineer
staff sales         | solution engineer, salesperson, solutions engineer, salesman, saleswoman, sdr, bdr, bdm
staff sales         | seller, cashier, realtor, sales rep, sales associate, merchandiser, telemarketer
staff sales         | solutions consultant, solution consultant
staff marketing     | marketer, copywriter, content writer, publicist, graphic designer, videographer, blogger
staff marketing     | influencer, marketing executive, community manager lead, growth hacker, brand ambassador
staff engineering   | developer, developers, programmer, coder, tester, devops, sre, software engineer, swe, sde
staff engineering   | dev, sdet, data scientist, data engineer, data analyst, data analytics, fullstack, full stack
staff engineering   | frontend, backend, front end, back end, webdeveloper, hacker, draftsman, drafter, machinist
staff engineering   | roboticist, site reliability engineer, reliability engineer
staff engineering?  | engineer, engineers, eng, scientist
staff it            | sysadmin, system administrator, systems administrator, dba, database administrator
staff it            | network engineer, system admin, systems admin, systems engineer, system engineer, help desk
staff it            | service desk, webmaster, network admin, security engineer, security analyst, security officer
staff it            | business intelligence analyst, systems analyst
staff product       | product owner, designer ux, ux designer, ui designer, product designer, ux, ui, ux researcher
staff product       | scrum master, agile coach
staff marketing?    | designer
staff finance       | accountant, bookkeeper, book keeper, auditor, actuary, underwriter, treasurer
staff finance       | paralegal finance, cpa, fp&a, financial analyst, financial advisor, tax advisor, loan officer
staff finance       | credit analyst, accounts assistant, controller
staff hr            | recruiter, business partner, hr business partner, hrbp, sourcer, headhunter, talent partner
staff legal         | lawyer, attorney, solicitor, barrister, paralegal, counsel, notary, company secretary
staff legal         | corporate secretary, data protection officer, dpo, privacy officer, compliance officer
staff legal         | legal adviser, legal advisor
staff procurement   | buyer, purchaser, category specialist
staff education     | teacher, lecturer, tutor, instructor, educator, trainer, academic, assistant professor
staff education     | associate professor, librarian, coach, postdoc, research fellow
staff support       | csr, customer service representative, call center agent
aide                | secretary, pa, executive assistant, personal assistant, ea, executive secretary
aide                | virtual assistant, administrative assistant, office assistant, admin assistant
aide                | management assistant, executive aide, pa to
asst                | assistant, asst
deputy              | deputy, vice, dep, second in command
junior              | junior, jr, jnr, trainee, graduate, entry level, apprentice engineer, graduate trainee
junior              | aspiring
intern              | intern, interns, internship $, apprentice, student, students, working student
intern              | placement student, undergraduate
- education         | student success, student affairs, student services, student advisor, student support
- education         | student recruitment, education, teaching, school, university, training, curriculum, academy
- education         | faculty, academic affairs, learning
- sales             | sales, revenue, business development, biz dev, bizdev, bd, partnerships, partnership
- sales             | alliances, channel, gtm, go market, presales, pre sales, account, accounts, retail
- sales             | sales enablement, customer acquisition, sales & marketing, key account, key accounts, bus dev
- sales             | dealer, partner sales, partner management, channel partner, export sales, sales operations
- sales             | revenue operations, revops, deal desk, client relationship, client partner, client manager
- sales             | customer relationship, client director, software sales, technical sales, product sales
- sales             | technology sales, media sales, advertising sales, service sales, it sales, sap sales
- sales             | enterprise sales, inside sales
- finance           | accounts payable, accounts receivable, accounting, finance, financial, fin, treasury, tax
- finance           | audit, billing, credit, controlling, investor relations, investment, m&a, investments, fp a
- finance           | actuarial, invoicing
- marketing         | marketing, mktg, mkt, brand, branding, communications, communication, comms, pr
- marketing         | public relations, content, media, growth, demand generation, demand gen, lead generation
- marketing         | lead gen, digital marketing, product marketing, advertising, events, event, social media
- marketing         | community, creative, seo, e commerce, ecommerce, crm marketing, email marketing, press
- marketing         | campaign, campaigns, performance marketing, corporate affairs, partner marketing
- marketing         | field marketing, video
- engineering       | engineering, software, r&d, r d, development, research, data, ml, ai, artificial intelligence
- engineering       | data science, mobile, qa, quality assurance, platform, web development, software development
- engineering       | product engineering, product development, tech, research & development, technology
- engineering       | machine learning, embedded, electronics, firmware, product engineer, android, ios, web
- engineering       | test automation, robotics, design engineering, java, python, php, javascript, it development
- engineering       | software sales engineer
- engineering?      | technical, mechanical, electrical, chemical, civil, innovation, construction, cloud, science
- engineering?      | applications, application
- it                | it, ict, information technology, information systems, information security, infosec
- it                | cyber security, cybersecurity, mis, infrastructure, network, networks, networking
- it                | business intelligence, bi, erp, sap, systems, system, data center, digital transformation
- it                | it support, support it, it operations, enterprise architecture, database, cyber, it security
- it                | it service, datacenter, salesforce, business systems, crm, sharepoint, data governance
- it                | information
- it?               | security, digital, architecture
- product           | product, products, ux research, user experience, product management, product design
- product           | product strategy
- operations        | operations, operation, ops, supply chain, logistics, warehouse, production, manufacturing
- operations        | plant, quality, factory, facilities, facility, maintenance, hse, ehs, fleet, transport
- operations        | transportation, distribution, inventory, shipping, process, lean, continuous improvement
- operations        | administration, office, business operations, field operations, safety, quality control, qc
- operations        | fulfillment, fulfilment, demand planning, workplace, property, import export, import
- hr                | hr, human resources, human resource, people, talent, talent acquisition, recruiting
- hr                | recruitment, learning & development, l&d, compensation, payroll, people & culture
- hr                | employer branding, benefits, personnel, human capital, training & development
- hr                | people operations, workforce, staffing, diversity, learning development
- hr                | organizational development, technical recruiter, it recruiter, tech recruiter, it recruiting
- hr                | technical recruiting
- legal             | legal, law, compliance, regulatory affairs, privacy, contracts, contract
- legal             | intellectual property, data protection, regulatory, data privacy, patent, litigation
- legal             | legal operations, company law, risk
- procurement       | procurement, purchasing, sourcing, buying, category management, supplier, strategic sourcing
- procurement       | vendor, it procurement, it purchasing
- support           | customer success, customer support, customer service, customer care, customer experience
- support           | support, client services, cx, technical support, client success, customer, customers, client
- support           | after sales, aftersales, product support, guest, contact center, call center, call centre
- support           | contact centre, client support, customer operations, field service, service
- executive         | board, ceo office, general management
"""
