"""Spanish words of job titles. Format: `scoring.titles_data.lexicon`."""

TABLE = """
former              | jubilad*, exdirector*, exgerente*, desemplead*, pensionista*, antigu*, sin empleo, ama casa
former              | en paro, sin datos, no aplica, sin cargo
owner executive?    | fundador*, cofundador*, co fundador*, socio fundador*, socia fundadora, propietari*, dueno
owner executive?    | duena, autonom*, socio, socia, socio director*, socia director*, empresari*, emprendedor*
owner executive?    | socio gerente, copropietari*, socio administrador*, independiente, ^ titular $
c_level executive?  | director general, directora general, gerente general, gerenta general, consejero delegado
c_level executive?  | consejera delegada, dir general, director* ejecutiv*, presidente*, presidenta*
c_level executive?  | administrador unico, administradora unica, administrador solidari*, direccion general
c_level executive?  | consejero, consejera, miembro consejo*, miembro junta*, gerencia general, director gerente
c_level executive?  | director* gerente, gte general, grte general, apoderad*, secretari* general
c_level executive?  | presidente ejecutiv*, presidenta ejecutiva, consejo administracion, director pais
c_level executive?  | representante legal
vp                  | vicepresident*, vice president*
vp executive        | subdirector* general, director* general adjunt*, subgerente general
vp executive        | director adjunto direccion general
director            | directora, director*, direccion, directivo, directiva
director finance    | director* administrativ* y financier*, director* administracion y finanz*
director finance    | director* administrativ* financier*
director engineering| director* tecnologia, director* tecnic*, director* obra*
director education  | director* colegio, director* escuela, director* academic*
director executive? | gerente pais
director sales      | director* tienda, director* sucursal, director* oficina
head                | jefe, jefa, subdirector*, jefatura, jefe departamento, jefa departamento, director* adjunt*
head finance        | contador general, contadora general, jefe contab*, jefe administracion
head finance        | jefe administracion y finanz*
head education      | rector, rectora, decan*, jefe estudios, jefa estudios
head operations     | jefe planta, jefe taller, jefe almacen
manager             | gerente*, gerenta*, encargad*, supervisor*, lider*, jefe proyecto*, jefa proyecto*
manager             | jefe equipo, jefa equipo, gte, gerencia, lider equipo, jefe turno, jefa turno, jefe grupo
manager             | capataz, grte, coordinador* general
manager operations  | encargad* almacen, encargad* planta
manager sales       | encargad* tienda, gerente tienda, gerente sucursal, gerente cuenta*, jefe tienda, jefa tienda
manager sales       | gerente zona
manager engineering | jefe obra, jefa obra
manager product     | gerente producto*
deputy manager      | subgerente*, subjefe*, subjefa*, adjunto gerencia, sub gerente*
senior engineering? | arquitect*
senior education    | catedratic*
staff               | especialista*, tecnico, tecnica, coordinador*, analista*, asesor*, consultor*, agente*
staff               | responsable oficina, delegad*, oficial, emplead*, operari*, operador*, medic*, enfermer*
staff               | ejecutiv*, gestor*, inspector*, periodista*, trabajador*, funcionari*, promotor*, disenador*
staff               | tecnolog*, mecanic*, electricist*, chofer*, conductor*, traductor*, investigador*
staff               | planificador*, redactor*, farmaceutic*, psicolog*, cociner*, auxiliar tecnico, licenciad*
staff               | encuestador*, interventor*, experto, experta, profesional, administrador*
staff               | representante legal suplente
staff sales         | comercial, comerciales, ejecutiv* venta*, ejecutiv* cuenta*, ejecutiv* comercial*, vendedor*
staff sales         | asesor* comercial*, representante*, agente comercial*, ingenier* venta*, ingenier* preventa*
staff sales         | tecnico comercial, tecnica comercial, delegad* comercial*, dependient*, cajer*, asesor* venta*
staff sales         | agente inmobiliari*, visitador*, televendedor*, teleoperador* venta*
staff finance       | contador*, contadora*, contable*, auditor*, tesorer*, asesor* fiscal*, asesor* financier*
staff finance       | analista contable, facturador*
staff legal         | abogad*, asesor* juridic*, asesor* legal*, notari*, procurador*, jurista*, letrad*
staff procurement   | comprador*, compradora*, analista compras
staff hr            | reclutador*, tecnic* seleccion, tecnic* rrhh, tecnic* recursos humanos, seleccionador*
staff hr            | generalista*
staff marketing     | disenador* grafic*, publicista*, disenador* web, creativ*, community managers, mercadolog*
staff marketing     | copy
staff product       | disenador* producto*, disenador* ux
staff engineering   | desarrollador*, programador*, ingenier* software, probador*, cientific* datos, analista datos
staff engineering   | delineante*, proyectista*, analista programador*, cientific*, quimic*, ingenier* sistema*
staff engineering   | ingenier* datos
staff engineering?  | ingenier*, ing
staff it            | administrador* sistema*, administrador* red*, tecnic* informatic*, informatic*
staff it            | tecnic* sistema*, administrador* base*, analista sistema*, soporte ti, tecnico redes
staff it            | especialista ti
staff operations    | administrativ*, recepcionista*, almacener*, mozo almacen, logista*, auxiliar almacen
staff operations    | oficinista*, tramitador*, carretiller*, inspector* calidad, operari* produccion, secretariado
staff operations    | repartidor*, transportista*
staff education     | profesor*, docente*, maestr*, formador*, instructor*, capacitador*, educador*, orientador*
staff education     | pedagog*
staff support       | teleoperador*, tecnic* soporte, agente atencion*, agente call*
aide                | secretari*, asistente* gerencia, asistente* direccion, asistente* ejecutiv*
aide                | asistente* personal, asistente* administrativ*, auxiliar* administrativ*, secretari* direccion
aide                | asistente* presidencia, asistente* virtual*
assistant           | asistente*, auxiliar*, ayudante*, asist
deputy              | adjunto, adjunta, suplente*
junior              | aprendiz tecnico, recien egresad*, recien graduad*, egresad*
intern              | becari*, practicante*, pasante*, estudiante*, aprendiz*, en practicas, practicas, alumno
intern              | alumna, alumnos, residente profesional, tesista
- sales             | venta*, comercial*, cuenta*, preventa*, desarrollo negocio*, negocio*, exportacion*
- sales             | cliente* clave*, tienda*, zona, sucursal*, grandes cuentas
- marketing         | mercadotecnia*, comunicacion*, publicidad*, marca*, mercadeo*, marketing digital
- marketing         | redes sociales, prensa, relaciones publicas, eventos, contenido*, trade marketing, medios
- marketing         | mercado*, imagen
- engineering       | desarrollo*, investigacion*, software, i+d, i d, idi, ingenieria*, tecnologia*, datos
- engineering       | desarrollo software, innovacion*, obra*, obras, desarrollo producto*, desarrollo web
- engineering       | investigacion y desarrollo, proyectos tecnicos, arquitectura software
- engineering?      | tecnic*, industrial, proyectos ingenieria, mecanica, electronic*
- it                | informatica*, sistema*, ti, tic, redes, tecnologia* informacion*, seguridad informatica
- it                | ciberseguridad*, infraestructura*, transformacion digital, soporte informatic*, helpdesk
- it                | base* datos, seguridad informacion, sistema* informacion
- product           | producto*
- finance           | financier*, finanza*, contabilidad*, tesoreria*, fiscal*, impuesto*, contralor*, controlling
- finance           | facturacion*, cobranza*, credito*, auditoria*, administracion y finanza*
- finance           | administrativ* y financier*, administrativ* financier*, costos, costes, nomina contab*
- finance           | presupuesto*, riesgos, cobros
- operations        | operacion*, produccion*, logistica*, almacen*, calidad*, planta*, fabrica*, mantenimiento*
- operations        | taller*, administracion*, trafico, transporte*, cadena suministro*, distribucion*, inventario*
- operations        | procesos, seguridad higiene, oficina*, servicios generales, medio ambiente, prevencion*
- operations        | flota*, seguridad industrial, mejora continua, operativ*, bodega*, suministro*, importacion*
- operations        | comercio exterior
- hr                | recurso* humano*, rrhh, rr hh, rh, talento*, seleccion*, reclutamiento*, nomina*, personal
- hr                | personas, capital humano, gestion humana, desarrollo organizacional, relaciones laborales
- hr                | bienestar*, talento humano, cultura
- legal             | juridic*, legal*, cumplimiento*, proteccion datos, asuntos legales, contratos
- legal             | propiedad intelectual
- procurement       | compra*, abastecimiento*, aprovisionamiento*, adquisicion*, proveedor*, contratacion*
- support           | atencion cliente*, servicio cliente*, soporte*, posventa*, postventa*, soporte tecnico
- support           | experiencia cliente*, servicio tecnico, servicio*, cliente*, atencion al cliente*
- support           | servicio al cliente*, call center, atencion usuario*
- education         | escuela*, colegio*, universidad*, academic*, educacion*, docencia*, formacion*, ensenanza*
- education         | capacitacion*, educativ*
- executive         | alta direccion
"""
