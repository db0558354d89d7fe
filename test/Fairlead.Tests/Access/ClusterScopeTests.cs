using AwesomeAssertions;
using Fairlead.Access;
using Xunit;

namespace Fairlead.Tests.Access;

/// <summary>What is taken for cluster-scoped escapes the rules that deny namespaces, so nothing with a namespace may be (Kubernetes' own API, all served versions).</summary>
public sealed class ClusterScopeTests
{
    [Theory]
    [InlineData("/api/v1/namespaces")]
    [InlineData("/api/v1/nodes")]
    [InlineData("/api/v1/persistentvolumes")]
    [InlineData("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations")]
    [InlineData("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")]
    [InlineData("/apis/apiregistration.k8s.io/v1/apiservices")]
    [InlineData("/apis/certificates.k8s.io/v1/certificatesigningrequests")]
    [InlineData("/apis/certificates.k8s.io/v1beta1/clustertrustbundles")]
    [InlineData("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas")]
    [InlineData("/apis/metrics.k8s.io/v1beta1/nodes")]
    [InlineData("/apis/networking.k8s.io/v1/ingressclasses")]
    [InlineData("/apis/node.k8s.io/v1/runtimeclasses")]
    [InlineData("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings")]
    [InlineData("/apis/scheduling.k8s.io/v1/priorityclasses")]
    [InlineData("/apis/storage.k8s.io/v1/storageclasses")]
    public void Kubernetes_own_resources_without_namespaces_are_known(string target) =>
        ClusterScope.Has(Make.Action("GET", target)).Should().BeTrue();

    [Theory]
    [InlineData("/api/v1/pods")]
    [InlineData("/api/v1/secrets")]
    [InlineData("/apis/apps/v1/deployments")]
    [InlineData("/apis/certificates.k8s.io/v1beta1/podcertificaterequests")]
    [InlineData("/apis/metrics.k8s.io/v1beta1/pods")]
    [InlineData("/apis/networking.k8s.io/v1/networkpolicies")]
    [InlineData("/apis/rbac.authorization.k8s.io/v1/rolebindings")]
    [InlineData("/apis/resource.k8s.io/v1/resourceclaims")]
    [InlineData("/apis/scheduling.k8s.io/v1alpha1/workloads")]
    [InlineData("/apis/storage.k8s.io/v1/csistoragecapacities")]
    [InlineData("/apis/example.com/v1/nodes")]
    [InlineData("/apis/evil.k8s.io/v1/namespaces")]
    public void Nothing_else_is_taken_for_one_of_them(string target) =>
        ClusterScope.Has(Make.Action("GET", target)).Should().BeFalse();
}
