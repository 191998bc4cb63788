package io.millrace.broker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of dependencies of ARCHITECTURE.md, and what pure packages may not touch. */
final class ArchitectureTest {
    private static final String[] PURE = {
        "io.millrace.storage.batch..",
        "io.millrace.storage.plan..",
        "io.millrace.storage.producer..",
        "io.millrace.cluster.metadata..",
        "io.millrace.cluster.controller..",
        "io.millrace.cluster.replication..",
        "io.millrace.broker.shard..",
        "io.millrace.broker.group..",
        "io.millrace.broker.transaction..",
        "io.millrace.broker.queue.."
    };

    /** Packages of storage that others may use: its door, its views and builders, its ports. */
    private static final String[] STORAGE_DOORS = {
        "io.millrace.storage",
        "io.millrace.storage.batch",
        "io.millrace.storage.disk",
        "io.millrace.storage.flush"
    };

    /** Values of other packages that the door takes or hands out. */
    private static final String STORAGE_VALUES =
            "io\\.millrace\\.storage\\.(plan\\.Quarantine\\$Range"
                    + "|plan\\.Quarantine"
                    + "|producer\\.(ProducerStates\\$ActiveProducer|AbortedTransaction"
                    + "|TransactionEnd|EndDecision|Verification))";

    private static final String MAIN_SOURCES = "/src/main/java/";
    private static final int MOST_FILES_IN_A_PACKAGE = 20;
    private static final int MAX_FOLDER_DEPTH = 14;
    private static final int MODULES = 5;

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
                .layer("transaction")
                .definedBy("io.millrace.broker.transaction..")
                .layer("queue")
                .definedBy("io.millrace.broker.queue..")
                .layer("coordinator")
                .definedBy("io.millrace.broker.coordinator..")
                .layer("net")
                .definedBy("io.millrace.broker.net..")
                .layer("wire")
                .definedBy("io.millrace.broker.wire..")
                .layer("handler")
                .definedBy("io.millrace.broker.handler..")
                .layer("replica")
                .definedBy("io.millrace.broker.replica..")
                .layer("root")
                .definedBy("io.millrace.broker")
                .whereLayer("root")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("handler")
                .mayOnlyBeAccessedByLayers("root")
                .whereLayer("replica")
                .mayOnlyBeAccessedByLayers("root")
                .whereLayer("coordinator")
                .mayOnlyBeAccessedByLayers("handler", "root")
                .whereLayer("wire")
                .mayOnlyBeAccessedByLayers("handler", "replica", "root")
                .whereLayer("net")
                .mayOnlyBeAccessedByLayers("wire", "root")
                .whereLayer("group")
                .mayOnlyBeAccessedByLayers("coordinator", "handler", "root")
                .whereLayer("transaction")
                .mayOnlyBeAccessedByLayers("coordinator", "handler", "root")
                .whereLayer("queue")
                .mayOnlyBeAccessedByLayers("coordinator", "handler", "root")
                .whereLayer("shard")
                .mayOnlyBeAccessedByLayers("group", "transaction", "queue", "coordinator")
                .whereLayer("loop")
                .mayOnlyBeAccessedByLayers("coordinator", "handler", "replica", "root")
                .whereLayer("cluster")
                .mayOnlyBeAccessedByLayers("loop", "handler", "replica", "root")
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
                        "io.millrace.broker.transaction..",
                        "io.millrace.broker.queue..",
                        "io.millrace.broker.coordinator..",
                        "io.millrace.broker.net..",
                        "io.millrace.broker.config..")
                .and()
                .resideOutsideOfPackage("io.millrace.cluster.quorum.raft..")
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

    @Test
    void storageIsEnteredByItsDoorAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.millrace.storage..")
                .should()
                .dependOnClassesThat(
                        JavaClass.Predicates.resideInAPackage("io.millrace.storage..")
                                .and(
                                        DescribedPredicate.not(
                                                JavaClass.Predicates.resideInAnyPackage(
                                                        STORAGE_DOORS)))
                                .and(
                                        DescribedPredicate.not(
                                                HasName.Predicates.nameMatching(STORAGE_VALUES))))
                .check(CLASSES);
    }

    @Test
    void storagesPackagesDoNotKnowItsDoor() {
        noClasses()
                .that()
                .resideInAPackage("io.millrace.storage.*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.millrace.storage")
                .check(CLASSES);
    }

    @Test
    void noPackageHoldsMoreThanTwentyFiles() throws IOException {
        var crowded = new TreeMap<Path, Integer>();
        try (Stream<Path> sources =
                Files.find(
                        Path.of(".."),
                        MAX_FOLDER_DEPTH,
                        (path, facts) -> path.toString().contains(MAIN_SOURCES))) {
            sources.filter(path -> path.toString().endsWith(".java"))
                    .forEach(path -> crowded.merge(path.getParent(), 1, Integer::sum));
        }

        assertThat(crowded).hasSizeGreaterThan(MODULES);
        crowded.values().removeIf(files -> files <= MOST_FILES_IN_A_PACKAGE);
        assertThat(crowded).isEmpty();
    }
}
