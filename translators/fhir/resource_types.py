"""The resource types of FHIR R4 (4.0.1), and which of them hold nothing clinical of their own."""

ADMINISTRATIVE = frozenset(
    """
    Account ActivityDefinition AppointmentResponse AuditEvent Basic CapabilityStatement CatalogEntry
    ChargeItem ChargeItemDefinition Claim ClaimResponse CodeSystem CompartmentDefinition ConceptMap
    Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DeviceDefinition DeviceMetric
    EffectEvidenceSynthesis Endpoint EnrollmentRequest EnrollmentResponse EventDefinition Evidence
    EvidenceVariable ExampleScenario ExplanationOfBenefit GraphDefinition Group HealthcareService
    ImplementationGuide InsurancePlan Invoice Library Linkage Location Measure Medication
    MedicationKnowledge MedicinalProduct MedicinalProductAuthorization
    MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient
    MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
    MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader
    NamingSystem ObservationDefinition OperationDefinition Organization OrganizationAffiliation
    Patient PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole
    Provenance Questionnaire RelatedPerson ResearchDefinition ResearchElementDefinition ResearchStudy
    RiskEvidenceSynthesis Schedule SearchParameter Slot SpecimenDefinition StructureDefinition
    StructureMap Subscription Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein
    SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification
    TerminologyCapabilities TestReport TestScript ValueSet VerificationResult
    """.split()
)
"""Who, where, what it costs, how it is defined. They need no mention when they are not read; the names of
people, places, products come in through the resources that refer to them."""

CLINICAL = frozenset(
    """
    AdverseEvent AllergyIntolerance Appointment Binary BiologicallyDerivedProduct BodyStructure Bundle
    CarePlan CareTeam ClinicalImpression Communication CommunicationRequest Composition Condition Consent
    DetectedIssue Device DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest
    DocumentReference Encounter EpisodeOfCare FamilyMemberHistory Flag Goal GuidanceResponse ImagingStudy
    Immunization ImmunizationEvaluation ImmunizationRecommendation List MeasureReport Media
    MedicationAdministration MedicationDispense MedicationRequest MedicationStatement MolecularSequence
    NutritionOrder Observation OperationOutcome Parameters Procedure QuestionnaireResponse RequestGroup
    ResearchSubject RiskAssessment ServiceRequest Specimen SupplyDelivery SupplyRequest Task
    VisionPrescription
    """.split()
)

R4_TYPES = ADMINISTRATIVE | CLINICAL
