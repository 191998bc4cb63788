package io.millrace.broker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The table of dependencies of ARCHITECTURE.md, and what pure packages may not touch. */
final class ArchitectureTest {
    private static final String[] PURE = {
        "io.millrace.storage.batch..",
        "io.millrace.storage.plan..",
        "io.millrace.storage.producer..",
        "io.millrace.cluster.metadata..",
        "io.millrace.cluster.controller..",
        "io.millrace.broker.shard..",
        "io.millrace.broker.group.."
    };

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.millrace");

    @Test
    void dependenciesPointOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("storage")
                .definedBy("io.millrace.storage..")
                .layer("cluster")
                .definedBy("io.millrace.cluster..")
                .layer("loop")
                .definedBy("io.millrace.broker.loop..")
                .layer("shard")
                .definedBy("io.millrace.broker.shard..")
                .layer("group")
                .definedBy("io.millrace.broker.group..")
                .layer("coordinator")
                .definedBy("io.millrace.broker.coordinator..")
                .layer("net")
                .definedBy("io.millrace.broker.net..")
                .layer("wire")
                .definedBy("io.millrace.broker.wire..")
                .layer("handler")
                .definedBy("io.millrace.broker.handler..")
                .layer("root")
                .definedBy("io.millrace.broker")
                .whereLayer("root")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("handler")
                .mayOnlyBeAccessedByLayers("root")
                .whereLayer("coordinator")
                .mayOnlyBeAccessedByLayers("handler", "root")
                .whereLayer("wire")
                .mayOnlyBeAccessedByLayers("handler", "root")
                .whereLayer("net")
                .mayOnlyBeAccessedByLayers("wire", "root")
                .whereLayer("group")
                .mayOnlyBeAccessedByLayers("coordinator", "handler", "root")
                .whereLayer("shard")
                .mayOnlyBeAccessedByLayers("group", "coordinator")
                .whereLayer("loop")
                .mayOnlyBeAccessedByLayers("coordinator", "handler", "root")
                .whereLayer("cluster")
                .mayOnlyBeAccessedByLayers("loop", "handler", "root")
                .check(CLASSES);
    }

    @Test
    void kafkasMessagesStayAtTheDoor() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.millrace.storage..",
                        "io.millrace.cluster..",
                        "io.millrace.broker.loop..",
                        "io.millrace.broker.shard..",
                        "io.millrace.broker.group..",
                        "io.millrace.broker.coordinator..",
                        "io.millrace.broker.net..",
                        "io.millrace.broker.config..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .check(CLASSES);
    }

    @Test
    void purePackagesSeeNoClockFileSocketThreadOrRandomNumber() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net..",
                        "java.util.concurrent..",
                        "java.util.random..",
                        "java.time..",
                        "io.netty..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Random")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.Thread")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .check(CLASSES);
    }
}
